import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { raw, request, requestBytes } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { openDoor, passAll, type Serve, type TestDoor } from "./support.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let folder: string;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  folder = await mkdtemp(join(tmpdir(), "plimsoll-streams-"));
  await makeImage(engine.socket);
});
after(async () => {
  await engine?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Calls that turn into tunnels are forwarded as such, the rest as it came: the way of the pipeline. */
const planned: Serve = async (exchange, record) => {
  const { method, target } = exchange.head;
  const isHijack = /\/(?:attach|attach\/ws|start)(?:\?|$)/.test(target) && /exec|attach/.test(target);
  if (!isHijack) return await exchange.forwardUntouched(record);
  const bytes = await exchange.readBody(100_000);
  const body = bytes.length === 0 ? ({ kind: "none" } as const) : ({ kind: "bytes", bytes } as const);
  const headers = bytes.length === 0 ? {} : { "content-type": "application/json" };
  return await exchange.forward({ method, target, headers, body }, { kind: "tunnel" }, record);
};

type CliResult = { readonly code: number | null; readonly stdout: Buffer; readonly stderr: string };

async function docker(door: TestDoor, words: readonly string[], input?: Uint8Array): Promise<CliResult> {
  const child = spawn("docker", words, {
    env: { ...process.env, DOCKER_HOST: `unix://${door.socket}`, DOCKER_BUILDKIT: "0" },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

const quiet = ["run", "--rm", "--network", "none"] as const;

for (const [way, serve] of Object.entries({ observed: passAll, planned })) {
  test(`containers run through the gate as they do without it, ${way}`, { skip }, async (t) => {
    const door = await openDoor(t, engine.socket, serve);
    const noise = randomBytes(5_000_000);
    const results = [
      await docker(door, [...quiet, "bb:1", "echo", "hello"]),
      await docker(door, [...quiet, "-i", "bb:1", "cat"], noise),
      await docker(door, [...quiet, "bb:1", "sh", "-c", "echo out; echo err >&2; exit 3"]),
    ];
    assert.deepEqual(
      results.map(({ code, stdout, stderr }) => [code, stdout.equals(noise) ? "noise" : stdout.toString(), stderr]),
      [
        [0, "hello\n", ""],
        [0, "noise", ""],
        [3, "out\n", "err\n"],
      ],
    );
  });

  test(`exec, logs, attach and copies work on a running container, ${way}`, { skip }, async (t) => {
    const door = await openDoor(t, engine.socket, serve);
    const name = `c-${way}`;
    const noise = randomBytes(2_000_000);
    await writeFile(join(folder, "noise"), noise);
    await docker(door, [
      "run",
      "-d",
      "--network",
      "none",
      "--name",
      name,
      "bb:1",
      "sh",
      "-c",
      "echo started; exec sleep 600",
    ]);
    const results = [
      await docker(door, ["exec", "-i", name, "cat"], noise),
      await docker(door, ["exec", name, "sh", "-c", "exit 7"]),
      await docker(door, ["cp", join(folder, "noise"), `${name}:/noise`]),
      await docker(door, ["cp", `${name}:/noise`, join(folder, "copy")]),
      await docker(door, ["kill", name]),
      await docker(door, ["wait", name]),
      await docker(door, ["logs", "-f", name]),
      await docker(door, ["rm", name]),
    ];
    assert.deepEqual(
      [
        results.map(({ code }) => code),
        results[0]?.stdout.equals(noise),
        results[6]?.stdout.toString(),
        noise.equals(await readFile(join(folder, "copy"))),
      ],
      [[0, 7, 0, 0, 0, 0, 0, 0], true, "started\n", true],
    );
  });
}

test("save, load and build carry their bytes unchanged", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket);
  const direct = (await request(engine.socket, "GET", "/images/bb:1/get")).body;
  await docker(door, ["save", "-o", join(folder, "saved.tar"), "bb:1"]);
  const loaded = await docker(door, ["load", "-i", join(folder, "saved.tar")]);
  await writeFile(join(folder, "Dockerfile"), "FROM bb:1\nCOPY noise /noise\n");
  await writeFile(join(folder, "noise"), randomBytes(3_000_000));
  const built = await docker(door, ["build", "--network", "none", "-t", "built:2", folder]);
  assert.deepEqual(
    [(await readFile(join(folder, "saved.tar"))).length, loaded.code, built.code, built.stderr],
    [direct.length, 0, 0, built.stderr],
  );
});

test("an exec is hijacked with and without an Upgrade header, and half-closed by the caller", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket, planned);
  await docker(door, ["run", "-d", "--network", "none", "--name", "sleeper", "bb:1", "sleep", "600"]);
  t.after(() => docker(door, ["rm", "-f", "sleeper"]));
  const replies: string[] = [];
  for (const headers of [{ Connection: "Upgrade", Upgrade: "tcp" }, { Connection: undefined }]) {
    const made = await request(door.socket, "POST", "/v1.41/containers/sleeper/exec", {
      body: { AttachStdin: true, AttachStdout: true, Cmd: ["cat"] },
    });
    const start = requestBytes("POST", `/v1.41/exec/${textAt(made.json, "Id")}/start`, {
      body: { Detach: false, Tty: true },
      headers,
    });
    const bytes = await raw(door.socket, [start, "hello"], { half: true, pauseMs: 300, timeoutMs: 5000 });
    replies.push(`${bytes.toString().slice(9, 12)} ${bytes.toString().endsWith("hello")}`);
  }
  assert.deepEqual(replies, ["101 true", "200 true"]);
});

test("no tunnel opens when the engine declines, and the connection ends there", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket, planned);
  const upgrade = { Connection: "Upgrade", Upgrade: "tcp" };
  const smuggled = requestBytes("POST", "/v1.41/containers/create?name=smuggled", {
    body: { Image: "bb:1", Cmd: ["true"] },
  });
  const start = requestBytes("POST", "/v1.41/exec/nosuch/start", { body: {}, headers: upgrade });
  const replies = [
    await raw(door.socket, [start, smuggled], { pauseMs: 300 }),
    await raw(door.socket, [Buffer.concat([start, smuggled])], { idleMs: 1000 }),
    await raw(door.socket, [requestBytes("GET", "/_ping", { headers: upgrade })], { idleMs: 500 }),
  ];
  const made = await request(engine.socket, "GET", "/containers/smuggled/json");
  assert.deepEqual(
    [replies.map((bytes) => bytes.toString().match(/HTTP\/1\.1 \d+/g)), made.status],
    [[["HTTP/1.1 404"], ["HTTP/1.1 404"], ["HTTP/1.1 200"]], 404],
  );
});

test("connections that were taken for a stream leave nothing behind", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket, planned);
  const attach = requestBytes("POST", "/v1.41/containers/nosuch/attach?stream=1", {
    headers: { connection: "Upgrade", upgrade: "tcp" },
  });
  const open = async (): Promise<number> => {
    for (let made = 0; made < 40; made += 1) await raw(door.socket, [attach], { idleMs: 20 });
    await nextTurn();
    return queryObjects(Socket, { format: "count" });
  };
  const [first, second] = [await open(), await open()];
  assert.ok(second < first + 20, `${first} sockets, and ${second} after as many calls again`);
});

test("a caller that leaves ends the engine's stream", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket);
  const caller = connect(door.socket);
  caller.write("GET /v1.41/events HTTP/1.1\r\nHost: docker\r\n\r\n");
  await once(caller, "data");
  caller.destroy();
  const [outcome] = await door.settled(1);
  assert.deepEqual([outcome?.status, outcome?.end], [200, "client-gone"]);
});

// The last test: the engine stays dead.
test("an engine that dies in the middle of a stream leaves no whole-looking answer", { skip }, async (t) => {
  const door = await openDoor(t, engine.socket);
  const reading = raw(door.socket, ["GET /v1.41/events HTTP/1.1\r\nHost: docker\r\n\r\n"], { timeoutMs: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await engine.kill();
  const text = (await reading).toString();
  const refused = await request(door.socket, "GET", "/_ping");
  assert.deepEqual(
    [
      text.startsWith("HTTP/1.1 200"),
      text.endsWith("0\r\n\r\n"),
      refused.status,
      // A dying engine may still take the connection.
      /no engine answers|went away before it answered/.test(refused.text),
      door.outcomes.map(({ end }) => end),
    ],
    [true, false, 502, true, ["engine-gone", "engine-gone"]],
  );
});
