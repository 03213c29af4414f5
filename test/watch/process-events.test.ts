// Where no program can be loaded into the kernel, its process connector still tells what containers execute.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { KernelEvent, Sensor } from "../../src/model/watch.ts";
import { decodeMessage } from "../../src/watch/process-events/decode-message.ts";
import { openProcessEvents } from "../../src/watch/process-events/open-process-events.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { request } from "../support/http.ts";
import { at, textAt } from "../support/json.ts";
import { makeTesterImage, testerImage } from "../support/testers.ts";
import { protect, WatchedEngine, whyNoSensor } from "../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSensor() ?? false;
let engine: TestEngine;
let sensor: Sensor;
let watched: WatchedEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeTesterImage(engine.socket);
  sensor = await openProcessEvents({ reason: "for a test", remedy: "end the test" });
  watched = new WatchedEngine(engine.socket, sensor);
});

after(async () => {
  await sensor?.close({ keepEnforcing: false });
  await engine?.close();
});

test("what a container executes, makes and ends is told, and nothing of the runtime's own", { skip }, async () => {
  const { events } = await watched.run({
    image: testerImage,
    command: ["sh", "-c", "/bin/sleep 0.4; mkdir /own; cp /bin/sleep /own/sleep; /own/sleep 0.5; exit 3"],
    protection: protect({ drift: "detect" }),
  });
  const ofImage = { isNew: false, isCopied: false, isMemory: false, isUnlinked: false };
  const executed = events
    .filter(({ kind, path }) => kind === "exec" && /sh|sleep/.test(path))
    .map(({ path, argv, origin, protection, verdict }) => ({
      path,
      argv: argv.slice(0, 2),
      origin,
      protection,
      verdict,
    }));
  const first = events.find(({ process }) => process.containerPid === 1);
  assert.deepEqual(
    {
      executed,
      // Children know whose they are, whoever is gone by the time that somebody looks.
      parents: [...new Set(events.filter(({ kind }) => kind === "fork").map(({ process }) => process.pid))],
      ends: events.filter(({ kind, process }) => kind === "exit" && process.pid === first?.process.pid).map(toEnd),
      group: events.filter(({ kind }) => kind.startsWith("cgroup")).map(({ kind }) => kind),
      order: events.map(({ kind }) => kind)[0],
      dropped: sensor.counters().dropped,
    },
    {
      executed: [
        { path: "/bin/sh", argv: ["sh", "-c"], origin: ofImage, protection: undefined, verdict: "seen" },
        { path: "/bin/sleep", argv: ["/bin/sleep", "0.4"], origin: ofImage, protection: undefined, verdict: "seen" },
        {
          path: "/own/sleep",
          argv: ["/own/sleep", "0.5"],
          origin: { ...ofImage, isNew: true },
          ...{ protection: "drift", verdict: "seen" },
        },
      ],
      parents: [first?.process.pid],
      ends: [{ status: 3, signal: 0 }],
      group: ["cgroup-made", "cgroup-gone"],
      order: "cgroup-made",
      dropped: 0,
    },
  );
});

function toEnd({ details }: KernelEvent): KernelEvent["details"] {
  return details;
}

test("a container that ran before is known, whatever it does next", { skip }, async (t) => {
  const id = await watched.create({
    image: testerImage,
    command: ["sleep", "60"],
    protection: protect({ drift: "detect" }),
  });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  await watched.start(id);
  const late = await openProcessEvents({ reason: "for a test", remedy: "" });
  t.after(() => late.close({ keepEnforcing: false }));
  late.protect(id, protect({ drift: "detect" }));
  const seen: KernelEvent[] = [];
  late.onEvent((event) => seen.push(event));
  await watched.exec(id, ["sleep", "0.4"]);
  const mine = seen.filter(({ cgroupId }) => late.containerOf(cgroupId)?.id === id);
  assert.deepEqual(
    [late.sees(id), mine.filter(({ kind }) => kind === "exec").map(({ argv }) => argv)],
    [true, [["sleep", "0.4"]]],
  );
});

test("whoever has a container traced by another one is told", { skip }, async () => {
  const victim = await watched.create({ image: testerImage, command: ["/testers/tester", "victim"] });
  await watched.start(victim);
  const { events } = await watched.run({
    image: testerImage,
    command: ["/testers/tester", "act", "memory-ptrace"],
    protection: protect({ memory: "block" }),
    host: { PidMode: "host", CapAdd: ["SYS_PTRACE"], SecurityOpt: ["seccomp=unconfined"] },
  });
  await watched.kill(victim);
  const told = events.filter(({ kind, protection }) => kind === "memory" && protection === "memory");
  assert.deepEqual(
    told.map(({ verdict, targetCgroupId, details }) => [verdict, sensor.containerOf(targetCgroupId)?.id, details]),
    [["seen", victim, { systemCall: "ptrace" }]],
  );
});

test("what another program writes to the socket is no word of the kernel", { skip }, async (t) => {
  const id = await watched.create({
    ...{ image: testerImage, command: ["sleep", "60"], protection: protect({ drift: "detect" }) },
  });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  await watched.start(id);
  const [first] = await eventually(
    () => watched.eventsOf(id).filter(({ kind }) => kind === "exec"),
    (found) => found.length > 0,
  );
  const pid = first?.process.pid ?? 0;
  // Numbers of sockets that listen to process events: `sk Eth Pid Groups`, 11 is NETLINK_CONNECTOR.
  const rows = readFileSync("/proc/net/netlink", "utf8")
    .split("\n")
    .map((row) => row.split(/\s+/));
  const listening = rows
    .filter(([, family, , groups]) => family === "11" && groups === "00000001")
    .map((row) => row[2]);
  const forged = message({ what: 0x8000_0000, words: [pid, pid, 9, 17] }).toString("hex");
  execFileSync("python3", ["-c", forgery, forged, ...listening.filter((each) => each !== undefined)]);
  await watched.exec(id, ["sleep", "0.4"]);
  const ends = watched.eventsOf(id).filter(({ kind, process }) => kind === "exit" && process.pid === pid);
  assert.deepEqual([pid > 0, listening.length > 0, ends], [true, true, []]);
});

const forgery = `
import socket, sys
sender = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 11)
sender.bind((0, 0))
for number in sys.argv[2:]: sender.sendto(bytes.fromhex(sys.argv[1]), (int(number), 0))
`;

test("what finds no room is counted", { skip }, async (t) => {
  const small = await openProcessEvents({ reason: "for a test", remedy: "", roomBytes: 4096 });
  t.after(() => small.close({ keepEnforcing: false }));
  // Nobody reads meanwhile: this process waits for the other.
  spawnSync("sh", ["-c", "for i in $(seq 300); do /bin/true; done"]);
  const lost = await eventually(
    () => small.counters().dropped,
    (count) => count > 300,
  );
  assert.ok(lost > 300, `${lost} were counted`);
});

test("a message of another shape is none, and what threads do is nobody's", () => {
  const good = message({ what: 2, words: [70, 70] });
  assert.deepEqual(
    [
      decodeMessage(good),
      decodeMessage(message({ what: 1, words: [5, 5, 71, 71] })),
      decodeMessage(message({ what: 1, words: [5, 5, 72, 71] })),
      decodeMessage(message({ what: 0x8000_0000, words: [72, 71, 256, 17] })),
      decodeMessage(message({ what: 0, words: [] })),
      decodeMessage(good.subarray(0, 75)),
      decodeMessage(Buffer.concat([good, good])),
      decodeMessage(changed(good, 16, 9)),
      decodeMessage(changed(good, 4, 2)),
      decodeMessage(changed(good, 32, 255)),
      decodeMessage(Buffer.alloc(0)),
    ],
    [
      toMessage({ kind: "exec", pid: 70 }),
      toMessage({ kind: "fork", pid: 5, childPid: 71 }),
      toMessage({ kind: "other" }),
      toMessage({ kind: "other" }),
      undefined,
      ...Array.from({ length: 6 }, () => "malformed"),
    ],
  );
});

function message({ what, words }: { readonly what: number; readonly words: readonly number[] }): Buffer {
  const bytes = Buffer.alloc(76);
  for (const [place, value] of [
    ...[
      [0, 76],
      [4, 3],
      [16, 1],
      [20, 1],
      [24, 9],
      [32, 40],
      [36, what],
      [40, 1],
      [44, 1000],
    ],
    ...words.map((word, index) => [52 + 4 * index, word]),
  ]) {
    bytes.writeUInt32LE(value ?? 0, place ?? 0);
  }
  return bytes;
}

function changed(bytes: Buffer, place: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(value, place);
  return copy;
}

function toMessage(act: unknown): unknown {
  return { time: 1000, processor: 1, sequence: 9, act };
}

test("a watch that may load nothing tells of new programs and tracing, and claims to block nothing", {
  skip,
}, async (t) => {
  const { lines, child } = openBareWatch(t);
  const { state } = await lineWith(lines, "state");
  const id = await watched.create({
    image: testerImage,
    command: ["sh", "-c", "cp /bin/sleep /sleep; /sleep 0.5; sleep 0.5"],
  });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  child.stdin?.write(`${id}\n`);
  await lineWith(lines, "answer");
  await watched.start(id);
  const { alert } = await lineWith(lines, "alert");
  const exit = await request(engine.socket, "POST", `/containers/${id}/wait`);
  assert.deepEqual(
    {
      works: listAt(state, "tiers")
        .filter((tier) => at(tier, "works") === true)
        .map((tier) => textAt(tier, "tier")),
      why: textAt(listAt(state, "tiers")[0], "reason").replace(/ \|.*/, ""),
      best: listAt(state, "protections").map((each) => `${textAt(each, "protection")} ${textAt(each, "best")}`),
      alert: [textAt(alert, "rule"), textAt(alert, "outcome"), textAt(alert, "container", "id")],
      notices: lines.filter((line) => line["notice"] !== undefined).length,
      // Nothing was stopped.
      ended: at(exit.json, "StatusCode"),
    },
    {
      works: ["create-time", "process-events"],
      why: "the probes were not loaded: EPERM",
      best: [
        ...["drift detect", "memory detect", "escape off", "host-paths off", "network off", "malware off"],
        "mining detect",
      ],
      alert: ["drop-and-execute-new-binary-in-container", "detected", id],
      notices: 1,
      ended: 0,
    },
  );
});

type Line = Readonly<Record<string, unknown>>;

function openBareWatch(t: TestContext): { readonly lines: readonly Line[]; readonly child: ChildProcess } {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bare-"));
  const program = join(import.meta.dirname, "../support/watch/bare-watch.ts");
  const words = ["--bounding-set", "-bpf,-perfmon,-sys_admin", process.execPath, program, folder, engine.socket];
  const child = spawn("setpriv", words, { stdio: ["pipe", "pipe", "inherit"] });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  t.after(async () => {
    child.stdin.end();
    await Promise.race([once(child, "exit"), sleep(10_000)]);
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return { lines, child };
}

async function lineWith(lines: readonly Line[], name: string): Promise<Line> {
  const found = await eventually(
    () => lines.find((line) => line[name] !== undefined),
    (line) => line !== undefined,
  );
  return found ?? {};
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = at(value, name);
  return Array.isArray(list) ? list : [];
}
