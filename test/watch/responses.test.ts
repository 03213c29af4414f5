// Every response, done to a real container of a real engine.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { killProcess } from "../../src/base/native/pidfd.ts";
import { openEngineClient } from "../../src/engine/client.ts";
import type { EngineClient } from "../../src/engine/engine.ts";
import type { Alert, ContainerPlace } from "../../src/model/watch.ts";
import { makeAlert } from "../../src/watch/alerts/make-alert.ts";
import { createContainerIndex } from "../../src/watch/containers/container-index.ts";
import { findHierarchy } from "../../src/watch/containers/hierarchy.ts";
import { freezeContainer, processesOf, thawContainer } from "../../src/watch/freezer.ts";
import { readProcess } from "../../src/watch/process-tree/read-process.ts";
import type { ResponseTarget, ResponseTools } from "../../src/watch/response.ts";
import { responses } from "../../src/watch/responses.generated.ts";
import { kernelRule } from "../../src/watch/rules/kernel-rules.ts";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, textAt } from "../support/json.ts";
import { anEvent, aSubject } from "../support/watch.ts";

const skip = whyNoEngine();
let engine: TestEngine;
let client: EngineClient;

before(async () => {
  if (skip !== undefined) return;
  engine = await startEngine({ network: true });
  await makeImage(engine.socket);
  client = openEngineClient(engine.socket);
});
after(async () => {
  client?.close();
  await engine?.close();
});

type Victim = { readonly id: string; readonly target: ResponseTarget; readonly place: ContainerPlace };

async function startVictim(t: TestContext, host: Readonly<Record<string, unknown>> = {}): Promise<Victim> {
  const command = [
    "sh",
    "-c",
    "echo secret > /tmp/new; ln -s /etc/shadow /tmp/link; while true; do date > /tmp/now; sleep 0.01; done",
  ];
  const body = { Image: "bb:1", Cmd: command, Env: ["PASSWORD=hidden"], HostConfig: host };
  const made = await request(engine.socket, "POST", "/containers/create", { body });
  const id = textAt(made.json, "Id");
  assert.equal(made.status, 201, made.text);
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  await request(engine.socket, "POST", `/containers/${id}/start`);
  const index = createContainerIndex(findHierarchy(undefined));
  const found = index.readTree().find(({ place }) => place.id === id);
  assert.ok(found !== undefined, "the container has no group");
  // Its first work is done when it has come to its loop.
  const [pid] = processesOf(found.place);
  await eventually(
    () => existsSync(`/proc/${pid}/root/tmp/now`),
    (isThere) => isThere,
  );
  return { id, place: found.place, target: { alert: anAlert(), place: found.place } };
}

function anAlert(pid = 1, startedAt = 0): Alert {
  const base = anEvent();
  const rule = kernelRule("drift");
  assert.ok(rule !== undefined);
  const event = anEvent({ process: { ...base.process, pid, startedAt } });
  return makeAlert(rule, aSubject(event), { nowMs: 1_800_000_000_000, incident: "01", heldBack: 0 });
}

function tools(t: TestContext, differs: Partial<ResponseTools> = {}): ResponseTools {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-evidence-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const events = [anEvent({ path: "/tmp/last" })];
  return { engine: client, lastEvents: () => events, evidenceFolder: folder, evidenceMaxBytes: 16 << 20, ...differs };
}

async function act(name: string, target: ResponseTarget, with_: ResponseTools): Promise<string> {
  const response = responses.find((each) => each.name === name);
  assert.ok(response !== undefined);
  return await response.act(target, with_);
}

async function stateOf(id: string): Promise<string> {
  return textAt((await request(engine.socket, "GET", `/containers/${id}/json`)).json, "State", "Status");
}

/** A frozen container writes nothing any more. */
async function isMoving({ place }: Victim): Promise<boolean> {
  const pid = processesOf(place)[0];
  const written = (): number => statSync(`/proc/${pid}/root/tmp/now`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const start = written();
  for (let tries = 0; tries < 40 && written() === start; tries++) await sleep(50);
  return written() !== start;
}

test("kill ends the process that is meant, and none that has its number by now", { skip }, async () => {
  const start = (): ChildProcess => spawn("sleep", ["60"]);
  const [one, other] = [start(), start()];
  const ended = new Promise((resolve) => one.once("exit", (_code, signal) => resolve(signal)));
  const pid = one.pid ?? 0;
  const startedAt = readProcess(pid)?.startedAt ?? 0;
  assert.deepEqual(
    [killProcess(other.pid ?? 0, startedAt - 5_000_000_000), killProcess(pid, startedAt), await ended],
    [false, true, "SIGKILL"],
  );
  assert.equal(killProcess(pid, startedAt), false);
  assert.equal(other.exitCode, null);
  other.kill("SIGKILL");
});

test("freeze stops every process in its place, and thaw lets it go on", { skip }, async (t) => {
  const victim = await startVictim(t);
  const moved = await isMoving(victim);
  const said = await act("freeze", victim.target, tools(t));
  const still = await isMoving(victim);
  const thawed = await run(["incident", "thaw", victim.id.slice(0, 12)]);
  assert.deepEqual(
    { moved, said, still, thawed: thawed.stdout, after: await isMoving(victim) },
    {
      ...{ moved: true, said: "froze the container", still: false },
      ...{ thawed: `${victim.id}: goes on\n`, after: true },
    },
  );
});

test("the freezer never takes a group that is not the container's own", { skip }, async (t) => {
  const { place } = await startVictim(t);
  for (const cgroupPath of ["/", "", "/docker", `${place.cgroupPath}/../..`, "/plimsoll"]) {
    await assert.rejects(freezeContainer({ ...place, cgroupPath }), /has no freezer/, cgroupPath);
  }
  await freezeContainer(place);
  thawContainer(place);
});

test("pause, stop and disconnect go through the engine", { skip }, async (t) => {
  const victim = await startVictim(t, { NetworkMode: "bridge" });
  const paused = [await act("pause", victim.target, tools(t)), await stateOf(victim.id)];
  await request(engine.socket, "POST", `/containers/${victim.id}/unpause`);
  const off = await act("disconnect", victim.target, tools(t));
  const networks = at(
    (await request(engine.socket, "GET", `/containers/${victim.id}/json`)).json,
    "NetworkSettings",
    "Networks",
  );
  const stopped = [await act("stop", victim.target, tools(t)), await stateOf(victim.id)];
  assert.deepEqual(
    { paused, off, networks, stopped },
    {
      paused: ["paused the container", "paused"],
      off: "took it off bridge",
      networks: {},
      stopped: ["stopped the container", "exited"],
    },
  );
});

test("a container in the host's network cannot be taken off it, and that is said", { skip }, async (t) => {
  const victim = await startVictim(t, { NetworkMode: "host" });
  await assert.rejects(act("disconnect", victim.target, tools(t)), /it uses the network of host/);
});

test("quarantine freezes, isolates and keeps evidence in one archive, without secrets and without following links", {
  skip,
}, async (t) => {
  const victim = await startVictim(t, { NetworkMode: "bridge" });
  const kit = tools(t);
  const said = await act("quarantine", victim.target, kit);
  const file = join(kit.evidenceFolder, `${victim.target.alert.id}.tar`);
  assert.equal(said, `froze the container, off bridge, evidence in ${file}`);
  const names = execFileSync("tar", ["-tf", file], { encoding: "utf8" }).trim().split("\n");
  const pid = processesOf(victim.place)[0];
  for (const name of [
    "alert.json",
    "processes.txt",
    `process-${pid}/maps.txt`,
    "events.jsonl",
    "changes.txt",
    "changed/names.txt",
  ]) {
    assert.ok(names.includes(name), name);
  }
  const all = execFileSync("tar", ["-xOf", file], { encoding: "utf8", maxBuffer: 64 << 20 });
  assert.deepEqual(
    [all.includes("hidden"), all.includes("secret\n"), all.includes("/tmp/link"), all.includes("root:")],
    [false, true, true, false],
  );
  assert.equal(await isMoving(victim), false);
});

test("a disk without room keeps no half archive, and the container stays frozen and isolated", { skip }, async (t) => {
  const victim = await startVictim(t, { NetworkMode: "bridge" });
  const full = mkdtempSync(join(tmpdir(), "plimsoll-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", full]);
  t.after(() => {
    execFileSync("umount", [full]);
    rmSync(full, { recursive: true });
  });
  mkdirSync(join(full, "evidence"));
  const said = await act("quarantine", victim.target, tools(t, { evidenceFolder: join(full, "evidence") }));
  assert.match(said, /^froze the container, off bridge, failed: no evidence was kept: .*more than there is room for$/);
  assert.deepEqual([readdirSync(join(full, "evidence")), await isMoving(victim)], [[], false]);
});

test("evidence beyond the limit is left out, and the archive says what", { skip }, async (t) => {
  const victim = await startVictim(t);
  const kit = tools(t, { evidenceMaxBytes: 8 << 10 });
  await act("quarantine", victim.target, kit);
  const file = join(kit.evidenceFolder, `${victim.target.alert.id}.tar`);
  assert.ok(existsSync(file) && readFileSync(file).length <= 8 << 10);
  assert.match(execFileSync("tar", ["-xOf", file, "missing.txt"], { encoding: "utf8" }), /no room/);
});

test("what was not done in a container cannot be answered on one", { skip }, async (t) => {
  for (const name of ["freeze", "pause", "stop", "disconnect", "quarantine"]) {
    await assert.rejects(act(name, { alert: anAlert(), place: undefined }, tools(t)), /not done in a container/, name);
  }
});

test("every response says what it does and what it needs", () => {
  assert.deepEqual(
    responses.map(({ name }) => name),
    ["alert", "disconnect", "freeze", "kill", "pause", "quarantine", "stop"],
  );
  for (const { summary } of responses) assert.match(summary, /^[a-z].*[^.]$/);
});
