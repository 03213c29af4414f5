// What watching costs: the same work in a container with nobody watching, with our sensor, and with bpftrace telling the same
// events; and how fast events reach JavaScript and responses reach the kernel.
//
// Usage: npm run bench:watch -- [--quick] [--json] [--write] [--only=costs,storm,responses,idle,malware]

import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findHierarchy } from "../src/watch/containers/hierarchy.ts";
import { startEngine, type TestEngine } from "../test/support/engine.ts";
import { demux, request } from "../test/support/http.ts";
import { makeImage } from "../test/support/images.ts";
import { textAt } from "../test/support/json.ts";
import type { SensorCosts, ToSensor } from "../test/support/sensor-process.ts";
import { protect } from "../test/support/watched.ts";
import { isWanted, type Part, tellReport } from "./support/report.ts";
import { bar, median, table } from "./support/statistics.ts";
import { measureScans, type ScanSpeed } from "./support/watch/malware.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 3 : 9;
const scale = isQuick ? 0.2 : 1;
/** A sensor watches for weeks: what its start takes is told as such, and is no cost of what is watched. */
const settleMs = 2000;
const watchedAll = protect({ drift: "detect", memory: "detect", escape: "detect", network: "detect" });

/** A fifth more than has to arrive. */
const pacePerSecond = 1_200_000;
const nobody: Watching = { announce: async () => undefined, close: async () => undefined };

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-"));
const program = buildLoad(folder);
const engine = await startEngine();
try {
  await makeImage(engine.socket, {
    files: [
      { name: "load", data: readFileSync(program) },
      { name: "data", data: "x", mode: "0644" },
    ],
  });
  const parts: Readonly<Record<string, () => Promise<Part>>> = {
    costs: () => costs(engine),
    storm: () => storm(engine),
    responses: () => responses(engine),
    idle: () => idle(engine),
    malware: () => malware(engine),
  };
  const results: Part[] = [];
  for (const [name, measure] of Object.entries(parts)) if (isWanted(name)) results.push(await measure());
  tellReport({ name: "watch", about: `Kernel ${release()}, ${rounds} rounds by turns.`, parts: results });
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}

function buildLoad(into: string): string {
  const made = join(into, "load");
  const source = join(import.meta.dirname, "support/watch/load.c");
  execFileSync("gcc", ["-static", "-O2", "-o", made, source], { stdio: "inherit" });
  return made;
}

type Watching = {
  /** Before a container starts: others on this machine are nobody's business. */
  readonly announce: (id: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
};
type Watcher = { readonly name: string; readonly start: () => Promise<Watching> };
type Row = { readonly work: string; readonly ns: Readonly<Record<string, readonly number[]>> };

/** Each round runs every contender once, so that a noisy moment of the machine hits all. */
async function costs(on: TestEngine): Promise<Part> {
  const watchers: readonly Watcher[] = [
    { name: "off", start: async () => nobody },
    { name: "plimsoll", start: () => startSensor(false) },
    { name: "bpftrace", start: startBpftrace },
  ];
  const works = {
    "open to write": ["open", 100_000],
    "open to read": ["read", 200_000],
    connect: ["connect", 100_000],
    packet: ["packet", 200_000],
    "packet of a stream": ["stream", 200_000],
    exec: ["exec", 3000],
    getppid: ["getppid", 3_000_000],
  } as const;
  const rows = Object.keys(works).map((work) => ({ work, ns: new Map<string, number[]>() }));
  for (let round = 0; round < rounds; round++) {
    for (const watcher of inTurn(watchers, round)) {
      const watching = await watcher.start();
      await sleep(settleMs);
      for (const [index, [word, times]] of Object.values(works).entries()) {
        const ns = await runLoad(on, watching, [word, String(Math.ceil(times * scale)), "/data"]);
        const row = rows[index];
        row?.ns.set(watcher.name, [...(row.ns.get(watcher.name) ?? []), ns]);
      }
      await watching.close();
    }
  }
  return tellCosts(rows.map(({ work, ns }) => ({ work, ns: Object.fromEntries(ns) })));
}

function tellCosts(rows: readonly Row[]): Part {
  const of = (work: string, who: string): number => median(rows.find((row) => row.work === work)?.ns[who] ?? []);
  const added = (work: string): number => pairedDifference(rows.find((row) => row.work === work));
  const who = ["off", "plimsoll", "bpftrace"];
  const cells = rows.map(({ work }) => [work, ...who.map((name) => of(work, name).toFixed(0)), added(work).toFixed(0)]);
  return {
    text: table(["ns of a processor, median", ...who, "plimsoll adds"], cells),
    bars: [
      bar("added to an open that is told", added("open to write") / 1000, "at-most", 2, "us"),
      bar("added to a connect", added("connect") / 1000, "at-most", 3, "us"),
      bar("added to an exec", (100 * added("exec")) / of("exec", "off"), "at-most", 5, "%"),
    ],
  };
}

/** Every second round backwards: what a machine becomes slower by in a round falls on both ends alike. */
function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : items.toReversed();
}

async function runLoad(
  on: TestEngine,
  watching: Watching,
  words: readonly string[],
  by: "ns" | "wall" = "ns",
): Promise<number> {
  const id = await create(on, ["/load", ...words]);
  await watching.announce(id);
  await request(on.socket, "POST", `/containers/${id}/start`);
  await request(on.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 300_000 });
  const logs = await request(on.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  await request(on.socket, "DELETE", `/containers/${id}?force=1`);
  const ns = new RegExp(`"${by}":([\\d.]+)`).exec(demux(logs.body))?.[1];
  if (ns === undefined) throw new Error(`the load said: ${demux(logs.body)}`);
  return Number(ns);
}

async function create(on: TestEngine, command: readonly string[]): Promise<string> {
  const body = { Image: "bb:1", Cmd: command, HostConfig: { NetworkMode: "none", CapAdd: ["NET_ADMIN"] } };
  const made = await request(on.socket, "POST", "/containers/create", { body });
  return textAt(made.json, "Id");
}

type SensorProcess = Watching & { readonly ask: (message: ToSensor) => Promise<SensorCosts> };

async function startSensor(isTrial: boolean, malware?: "block"): Promise<SensorProcess> {
  // As the service starts it: with what was compiled the last time, and little memory that is kept for later.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "code"), MALLOC_ARENA_MAX: "1" };
  const child = fork(join(import.meta.dirname, "../test/support/sensor-process.ts"), { stdio: "inherit", env });
  const ask = (message: ToSensor): Promise<SensorCosts> => askChild(child, message);
  await ask({ kind: "open", isTrial, ...(malware === undefined ? {} : { malware }) });
  return {
    ask,
    announce: (id) => ask({ kind: "protect", id, protection: watchedAll }),
    async close() {
      const ended = once(child, "exit");
      await ask({ kind: "close" });
      await ended;
    },
  };
}

async function askChild(child: ChildProcess, message: ToSensor): Promise<SensorCosts> {
  const answered = once(child, "message");
  child.send(message);
  const [costs]: SensorCosts[] = await answered;
  if (costs === undefined) throw new Error("the sensor gave no answer");
  return costs;
}

/** The same events with the same texts, to a file that nobody keeps. */
async function startBpftrace(): Promise<Watching> {
  const script = `tracepoint:sched:sched_process_exec { printf("%d %s %s\\n", pid, comm, str(args->filename)); }
tracepoint:sched:sched_process_fork { printf("%d %d\\n", args->parent_pid, args->child_pid); }
tracepoint:sched:sched_process_exit { printf("%d %s\\n", pid, comm); }
tracepoint:syscalls:sys_enter_openat /args->flags & 3/ { printf("%d %s %s\\n", pid, comm, str(args->filename)); }
tracepoint:syscalls:sys_enter_open /args->flags & 3/ { printf("%d %s %s\\n", pid, comm, str(args->filename)); }
tracepoint:syscalls:sys_enter_connect { printf("%d %s %d\\n", pid, comm, args->fd); }
BEGIN { printf("ready\\n"); }`;
  const runner = join(import.meta.dirname, "support/watch/run-bpftrace.ts");
  const child = spawn("unshare", ["--mount", process.execPath, runner, script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const isThere = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  if (!isThere) throw new Error("bpftrace did not start: apt-get install bpftrace");
  child.stdout.on("data", () => undefined);
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { announce: nobody.announce, close };
}

type Storm = { readonly perSecond: number; readonly made: number; readonly received: number; readonly dropped: number };

/** One processor makes events, at that pace or as fast as it can, the other reads them. */
async function measureStorm(on: TestEngine, pace?: number): Promise<Storm> {
  const times = Math.ceil(5_000_000 * scale);
  const sensor = await startSensor(true);
  const before = await sensor.ask({ kind: "ask" });
  const words = ["getppid", String(times), ...(pace === undefined ? [] : ["/data", String(pace)])];
  const ns = await runLoad(on, sensor, words, "wall");
  await sleep(200);
  const after = await sensor.ask({ kind: "ask" });
  await sensor.close();
  const received = after.received - before.received;
  const perSecond = (1e9 / ns) * (received / times);
  return { perSecond, made: times, received, dropped: after.dropped - before.dropped };
}

async function storm(on: TestEngine): Promise<Part> {
  const paced = await measureStorm(on, pacePerSecond);
  const free = await measureStorm(on);
  const lost = [paced, free].map(({ made, received, dropped }) => Math.max(0, made - received - dropped));
  const rows = [["at a pace", paced] as const, ["as fast as one processor makes them", free] as const];
  return {
    text: table(
      ["a storm of events", "M/s decoded", "made", "received", "dropped, and counted"],
      rows.map(([how, { perSecond, made, received, dropped }]) => [
        how,
        (perSecond / 1e6).toFixed(2),
        ...[made, received, dropped].map(String),
      ]),
    ),
    bars: [
      bar("events decoded into JavaScript, at a pace that loses none", paced.perSecond / 1e6, "at-least", 1, "M/s"),
      bar("of these dropped", paced.dropped, "at-most", 0, ""),
      bar("events lost that nobody counted, at either pace", Math.max(...lost), "at-most", 0, ""),
    ],
  };
}

async function responses(on: TestEngine): Promise<Part> {
  const sensor = await startSensor(false);
  const play = async (how: "kill" | "freeze"): Promise<readonly number[]> => {
    await sensor.ask({ kind: "respond", how, freezer: freezerFolder() });
    for (let round = 0; round < (isQuick ? 5 : 20); round++) {
      const id = await create(on, ["sh", "-c", "cp /load /new; /new none; sleep 5"]);
      await sensor.announce(id);
      await request(on.socket, "POST", `/containers/${id}/start`);
      await sleep(300);
      await request(on.socket, "POST", `/containers/${id}/unpause`);
      await request(on.socket, "DELETE", `/containers/${id}?force=1`);
    }
    return (await sensor.ask({ kind: "ask" })).responses;
  };
  const [kill, freeze] = [await play("kill"), await play("freeze")];
  await sensor.close();
  return {
    text: "",
    bars: [
      bar("alarm to kill, median", median(kill) / 1000, "at-most", 1, "ms"),
      bar("alarm to freeze, median", median(freeze) / 1000, "at-most", 2, "ms"),
    ],
  };
}

function freezerFolder(): string {
  const mounts = readFileSync("/proc/self/mounts", "utf8");
  return /^cgroup (\S+) cgroup \S*\bfreezer\b/m.exec(mounts)?.[1] ?? findHierarchy("2").folder;
}

async function idle(on: TestEngine): Promise<Part> {
  const sensor = await startSensor(false);
  const ids: string[] = [];
  for (let index = 0; index < (isQuick ? 5 : 50); index++) {
    const id = await create(on, ["sleep", "1000"]);
    await sensor.announce(id);
    await request(on.socket, "POST", `/containers/${id}/start`);
    ids.push(id);
  }
  await sleep(2000);
  const before = await sensor.ask({ kind: "ask" });
  const seconds = isQuick ? 5 : 20;
  await sleep(seconds * 1000);
  const after = await sensor.ask({ kind: "ask" });
  for (const id of ids) await request(on.socket, "DELETE", `/containers/${id}?force=1`);
  await sensor.close();
  return {
    text: `The sensor opens in ${after.openMs.toFixed(0)} ms.`,
    bars: [
      bar("memory of the sensor's process", after.rssBytes / 2 ** 20, "at-most", 120, "MB"),
      bar(
        `idle with ${ids.length} containers, of one processor`,
        (after.cpuMs - before.cpuMs) / (10 * seconds),
        "at-most",
        1,
        "%",
      ),
    ],
  };
}

type Malware = {
  readonly scans: readonly ScanSpeed[];
  /** Nanoseconds by the clock, since who executes waits. */
  readonly execs: readonly Row[];
};

/** Nobody watching, the sensor, and the sensor with malware at `block`. */
async function malware(on: TestEngine): Promise<Part> {
  const watchers: readonly Watcher[] = [
    { name: "off", start: async () => nobody },
    { name: "sensor", start: () => startSensor(false) },
    { name: "block", start: () => startSensor(false, "block") },
  ];
  const works = { "a known program": ["exec", 500], "a new program of 800 KiB": ["new", 100] } as const;
  const execs = Object.keys(works).map((work) => ({ work, ns: new Map<string, number[]>() }));
  for (let round = 0; round < rounds; round++) {
    for (const watcher of inTurn(watchers, round)) {
      const watching = await watcher.start();
      await sleep(settleMs);
      for (const [index, [word, times]] of Object.values(works).entries()) {
        const ns = await runLoad(on, watching, [word, String(Math.ceil(times * scale)), "/data"], "wall");
        execs[index]?.ns.set(watcher.name, [...(execs[index].ns.get(watcher.name) ?? []), ns]);
      }
      await watching.close();
    }
  }
  const scans = await measureScans((isQuick ? 50 : 200) * 1e6);
  const found = { scans, execs: execs.map(({ work, ns }) => ({ work, ns: Object.fromEntries(ns) })) };
  const speed = scans.find(({ who }) => who === "plimsoll")?.megabytesPerProcessorSecond ?? 0;
  return {
    text: malwareTables(found).join("\n\n"),
    bars: [bar("files looked into with 500 rules", speed, "at-least", 100, "MB/s of a processor")],
  };
}

function malwareTables({ scans, execs }: Malware): readonly string[] {
  const who = ["off", "sensor", "block"];
  const rows = execs.map(({ work, ns }) => [
    work,
    ...who.map((name) => (median(ns[name] ?? []) / 1000).toFixed(0)),
    (pairedDifference({ work, ns: { off: ns["sensor"] ?? [], plimsoll: ns["block"] ?? [] } }) / 1000).toFixed(0),
  ]);
  const speeds = scans.map(({ who: name, megabytesPerSecond, megabytesPerProcessorSecond, note }) => [
    name,
    megabytesPerSecond.toFixed(0),
    megabytesPerProcessorSecond.toFixed(0),
    note,
  ]);
  return [
    table(["us an exec, median", ...who, "malware adds"], rows),
    table(["500 rules", "MB/s", "MB/s of a processor", ""], speeds),
  ];
}

/** Of each round its own difference, and of those the middle. */
function pairedDifference(row: Row | undefined): number {
  const off = row?.ns["off"] ?? [];
  const on = row?.ns["plimsoll"] ?? [];
  return median(on.map((value, round) => value - (off[round] ?? 0)));
}
