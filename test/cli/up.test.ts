// The program from the first line to the last: up, a decision, status, reload, down; in the foreground and detached.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { accepts, request } from "../support/http.ts";
import { defaultText, install } from "./installation.ts";

const skip = whyNoEngine() ?? false;
const state: { engine?: TestEngine } = {};
const engineSocket = () => state.engine?.socket ?? "";

before(async () => {
  if (!skip) state.engine = await startEngine();
});
after(() => state.engine?.close());

const privileged = { Image: "none:1", HostConfig: { Privileged: true } };

test("up prints the line to copy, shows a refusal with its rule, and Ctrl-C leaves nothing behind", {
  skip,
}, async (t) => {
  const here = install(t, engineSocket());
  const up = here.start("up");
  await up.says("Decisions as they happen");
  const reply = await request(here.socket, "POST", "/v1.41/containers/create", { body: privileged });
  assert.equal(reply.status, 403);
  await up.says("DENY");
  assert.deepEqual(here.leftovers(), ["control.sock", "docker.sock", "plimsoll.pid"]);
  up.child.kill("SIGINT");
  const { code, stdout } = await up.finished;
  assert.deepEqual([code, here.leftovers()], [0, []]);
  assert.ok(stdout.includes(`export DOCKER_HOST=unix://${here.socket}\n`), stdout);
  assert.match(stdout, /\d\d:\d\d:\d\d {2}unix:root +container\.create .*DENY +\S+\/\S+ +[\d.]+ ms\n/);
});

test("with --json every decision is one line of JSON and nothing else is on standard output", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const up = here.start("up", "--json");
  await up.says("export DOCKER_HOST");
  await request(here.socket, "GET", "/v1.41/containers/json");
  await up.says('"container.list"');
  up.child.kill("SIGTERM");
  const { code, stdout } = await up.finished;
  const records = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [code, records.map((record) => [record.action, record.verdict])],
    [0, [["container.list", "allow"]]],
  );
});

test("up --detach returns once it listens; status tells, reload reloads, down waits and cleans", {
  skip,
}, async (t) => {
  const here = install(t, engineSocket());
  const up = await here.plimsoll("up", "--detach");
  assert.equal(up.code, 0, up.stderr);
  await request(here.socket, "POST", "/v1.41/containers/create", { body: privileged });
  const status = JSON.parse((await here.plimsoll("status", "--json")).stdout);
  const { pid, listeners, engine, counters, policyGeneration } = status;
  assert.deepEqual(
    { listeners, engine: engine.socket, isManaged: engine.isManaged, denied: counters.denied, policyGeneration },
    {
      listeners: [{ name: "docker", address: `unix://${here.socket}`, mode: "enforce", policies: ["baseline"] }],
      engine: engineSocket(),
      isManaged: false,
      denied: 1,
      policyGeneration: 1,
    },
  );
  assert.match(up.stderr, new RegExp(`pid ${pid}`));
  assert.equal((await here.plimsoll("reload")).code, 0);
  const second = await here.plimsoll("up");
  assert.deepEqual(
    [second.code, second.stderr.includes(`[ALREADY_RUNNING] plimsoll runs already (pid ${pid})`)],
    [3, true],
  );
  const down = await here.plimsoll("down");
  assert.deepEqual([down.code, here.leftovers()], [0, []]);
  assert.match(down.stderr, /stopped \(pid \d+\)\n.*kept .*state/s);
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  const gone = await here.plimsoll("status");
  assert.deepEqual([gone.code, /\[NOT_RUNNING\]/.test(gone.stderr)], [3, true]);
});

test("the control socket is for its own user only", { skip }, async (t) => {
  const here = install(t, engineSocket());
  await here.plimsoll("up", "--detach");
  assert.equal(statSync(join(here.folder, "run/control.sock")).mode & 0o777, 0o600);
});

test("after a kill -9, down takes away what was left, and up starts again", { skip }, async (t) => {
  const here = install(t, engineSocket());
  await here.plimsoll("up", "--detach");
  process.kill(Number(readFileSync(join(here.folder, "run/plimsoll.pid"), "utf8")), "SIGKILL");
  while (await accepts(here.socket)) await sleep(20);
  const down = await here.plimsoll("down");
  assert.deepEqual([down.code, here.leftovers()], [0, []]);
  assert.match(down.stderr, /removed .*control\.sock of an earlier run/);
  assert.equal((await here.plimsoll("down")).stderr, "plimsoll: nothing runs, nothing was left\n");
  assert.equal((await here.plimsoll("up", "--detach")).code, 0);
});

test("a policy with a mistake at reload keeps the last good ones in force", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const policy = join(here.folder, "own.cedar");
  writeFileSync(policy, '@id("all")\npermit (principal, action, resource);\n');
  here.configure(defaultText(engineSocket(), `    policies: [${policy}]\n`));
  assert.equal((await here.plimsoll("up", "--detach")).code, 0);
  writeFileSync(policy, "permit (principal, action");
  const reload = await here.plimsoll("reload");
  assert.deepEqual([reload.code, /\[POLICY_INVALID\] .*own\.cedar:\d/.test(reload.stderr)], [3, true], reload.stderr);
  assert.equal((await request(here.socket, "GET", "/v1.41/containers/json")).status, 200);
});

test("without a configuration file the variables of a socket proxy judge, and are enforced", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-proxy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const environment = {
    ...process.env,
    ...{
      STATE_DIRECTORY: join(folder, "state"),
      RUNTIME_DIRECTORY: join(folder, "run"),
      CONFIGURATION_DIRECTORY: folder,
    },
    ...{ CONTAINERS: "1", NODE_NO_WARNINGS: "1", NO_COLOR: "1" },
  };
  const program = join(import.meta.dirname, "../../src/main.ts");
  const up = spawn(process.execPath, [program, "up", "--engine", `unix://${engineSocket()}`], { env: environment });
  const ended = once(up, "close");
  const socket = join(folder, "run/docker.sock");
  while (up.exitCode === null && !(await accepts(socket))) await sleep(50);
  const statuses = [
    (await request(socket, "GET", "/v1.41/containers/json")).status,
    (await request(socket, "GET", "/v1.41/images/json")).status,
    (await request(socket, "POST", "/v1.41/containers/prune")).status,
  ];
  // The watch is there where this host has what it needs.
  const found = readdirSync(join(folder, "run"))
    .filter((name) => name !== "watch.sock")
    .sort();
  up.kill("SIGKILL");
  await ended;
  const down = spawn(process.execPath, [program, "down"], { env: environment });
  assert.deepEqual(
    { statuses, found, down: (await once(down, "close"))[0], left: readdirSync(join(folder, "run")) },
    {
      statuses: [200, 403, 403],
      found: ["control.sock", "docker.sock", "plimsoll.pid", "socket-proxy.cedar"],
      down: 0,
      left: [],
    },
  );
});

test("under systemd it takes the socket, says when it is ready, reloads on SIGHUP, and says that it stops", {
  skip: skip || (spawnSync("systemd-socket-activate", ["--version"]).error ? "needs systemd-socket-activate" : false),
}, async (t) => {
  const here = install(t, engineSocket());
  const notify = join(here.folder, "notify");
  const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`;
  const manager = spawn("python3", ["-c", receiver, notify], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => manager.kill("SIGKILL"));
  const lines = createInterface(manager.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  assert.equal(await next(), "bound");
  const program = [process.execPath, join(import.meta.dirname, "../../src/main.ts"), "up", "-c", here.configuration];
  const words = ["-l", here.socket, "--fdname=docker", "-E", `NOTIFY_SOCKET=${notify}`, "-E", "NODE_NO_WARNINGS=1"];
  const service = spawn("systemd-socket-activate", [...words, ...program], { stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => service.kill("SIGKILL"));
  await once(service.stderr, "data");
  service.stderr.resume();
  const reply = await request(here.socket, "GET", "/v1.41/containers/json");
  assert.equal(reply.status, 200);
  assert.match(await next(), /^READY=1 STATUS=guarding docker .* MAINPID=\d+$/);
  service.kill("SIGHUP");
  assert.match(await next(), /^RELOADING=1 MONOTONIC_USEC=\d+$/);
  assert.match(await next(), /^READY=1 /);
  service.kill("SIGTERM");
  assert.match(await next(), /^STOPPING=1 /);
  assert.equal((await once(service, "close"))[0], 0);
});
