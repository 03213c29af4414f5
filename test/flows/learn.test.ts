// From watching to least privilege: a container is learnt, its profile applied by the gate, and the same container runs with it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { textsAt } from "../../src/base/reading.ts";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { demux, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, listAt, textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;
const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
/** What the program does on a normal day, and what an attacker does while somebody learns. */
const normal = "mkdir -p /data/a && echo x > /data/a/file && chown 33 /data/a/file && cat /data/a/file";
const attack = "cp /bin/busybox /tmp/dropped; /tmp/dropped true; unshare -m true; mount -t tmpfs t /mnt";

let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket, { reference: "app:1", files: [{ name: "data/keep", data: "" }] });
  gate = await startGate(engine, {
    configuration: { watch: { unknown: "detect" }, profiles: "$FOLDER/profiles" },
    files: { "profiles/README": "profiles come here" },
  });
});
after(async () => {
  await gate?.close();
  await engine?.close();
});

async function runContainer(
  script: string,
): Promise<{ readonly output: string; readonly warnings: readonly unknown[] }> {
  const body = { Image: "app:1", Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none" } };
  const made = await request(gate.socket, "POST", "/containers/create", { body });
  assert.equal(made.status, 201, made.text);
  const id = textAt(made.json, "Id");
  const started = await request(gate.socket, "POST", `/containers/${id}/start`);
  assert.equal(started.status, 204, started.text);
  await request(gate.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 60_000 });
  const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  return { output: demux(logs.body), warnings: listAt(made.json, "Warnings") };
}

type Learnt = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Follows the image while `meanwhile` runs, and is stopped as somebody at a terminal would. */
async function learnWhile(meanwhile: () => Promise<void>, ...more: readonly string[]): Promise<Learnt> {
  const files = ["--engine", `unix://${engine.socket}`, "--config", `${gate.folder}/plimsoll.yaml`];
  const child = spawn(process.execPath, [program, "learn", "app:1", "--for", "10m", ...files, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => {
    texts.stdout += text.toString();
  });
  const following = Promise.withResolvers<void>();
  child.stderr.on("data", (text: Buffer) => {
    texts.stderr += text.toString();
    if (texts.stderr.includes("following")) following.resolve();
  });
  const ended = once(child, "close");
  await Promise.race([following.promise, ended]);
  await sleep(1000);
  await meanwhile();
  await sleep(4000);
  child.kill("SIGINT");
  const [code] = await ended;
  return { code, ...texts };
}

test("what is learnt is what the program did, and not what an attacker did meanwhile", { skip }, async () => {
  const meanwhile = async (): Promise<void> => {
    await runContainer(normal);
    await runContainer(attack);
  };
  const { stdout, stderr } = await learnWhile(meanwhile, "--json");
  assert.notEqual(stdout, "", stderr);
  const { behaviour, proposal } = JSON.parse(stdout);
  assert.ok(textsAt(behaviour, "executables").includes("/bin/sh"), stdout);
  assert.ok(textsAt(behaviour, "written").includes("/data/a/file"));
  assert.ok(textsAt(behaviour, "systemCalls").includes("write"));
  assert.ok(textsAt(behaviour, "systemCalls").some((name) => /^f?chown(?:at)?$|^lchown$/.test(name)));
  assert.ok(textsAt(behaviour, "leftOut").some((text) => text.startsWith("/tmp/dropped is not of the image")));
  assert.deepEqual(
    textsAt(behaviour, "executables").filter((path) => path.startsWith("/tmp")),
    [],
  );
  const allowed = textsAt(listAt(proposal, "profile", "seccomp", "syscalls")[0], "names");
  assert.deepEqual(
    allowed.filter((name) => ["unshare", "mount", "ptrace", "setns"].includes(name)),
    [],
  );
  assert.deepEqual(at(proposal, "profile", "images"), ["docker.io/library/app:1"]);
  assert.equal(at(behaviour, "lost"), 0);
});

test("the proposal is shown as a difference, written, applied, and the program runs under it", { skip }, async () => {
  const { code, stdout } = await learnWhile(async () => void (await runContainer(normal)), "--write");
  assert.equal(code, 0);
  assert.match(stdout, /^app:1: 1 container, \d+ programs?, /);
  assert.match(stdout, /\n\+name: app\n/);
  assert.match(stdout, /docker run --cap-drop=ALL /);
  assert.deepEqual(
    readdirSync(`${gate.folder}/profiles`)
      .filter((name) => name !== "README")
      .sort(),
    ["app.apparmor", "app.cedar", "app.seccomp.json", "app.yaml"],
  );
  const reloaded = await run(["reload", "--config", `${gate.folder}/plimsoll.yaml`]);
  assert.equal(reloaded.code, 0, reloaded.stderr);
  const { output, warnings } = await runContainer(`${normal}; chroot / true 2>&1; mkdir /elsewhere 2>&1`);
  assert.ok(warnings.length > 0);
  assert.match(output, /^x\n/);
  assert.match(output, /chroot: .*(?:not permitted|denied)/);
  assert.match(output, /elsewhere'?: Read-only file system/);
});

test("what cannot be learnt is said: an image that is not here, a watch that does not run", { skip }, async () => {
  const unknown = await run([
    "learn",
    "nothing:1",
    "--engine",
    `unix://${engine.socket}`,
    "--config",
    `${gate.folder}/plimsoll.yaml`,
  ]);
  assert.match(unknown.stderr, /\[NOT_FOUND\] neither a container nor an image is called "nothing:1"/);
  const alone = await run(["learn", "app:1", "--engine", `unix://${engine.socket}`, "--for", "1s"]);
  assert.match(alone.stderr, /\[WATCH_UNAVAILABLE\]/);
});
