// The program from the first line to the last: up, a decision, status, reload, down; in the foreground and detached.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
