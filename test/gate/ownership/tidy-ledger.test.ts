// Claims on things that are gone do not stay: beside a real engine, with its event stream whole and cut.

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openEngineClient } from "../../../src/engine/client.ts";
import { createLookup, type Lookup } from "../../../src/gate/references/lookup.ts";
import { cutEvents, type EventCutter } from "../../support/cut-events.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { startGate } from "../../support/gate.ts";
import { type Reply, request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { memoryLedger } from "../../support/semantics.ts";
import { tar } from "../../support/tar.ts";
import { startTenant } from "../../support/tenants.ts";

const skip = whyNoEngine() ?? false;
const alice = "unix:alice";
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
});

after(async () => {
  await engine?.close();
});

type Watched = { readonly lookup: Lookup; readonly events: EventCutter };

async function watch(t: TestContext, keepEndedMs: number, ledger = memoryLedger()): Promise<Watched> {
  const events = await cutEvents(engine.socket);
  const client = openEngineClient(events.socket);
  const lookup = createLookup(client, ledger, { tidyTimes: { pauseMs: 20, everyMs: 50, keepEndedMs } });
  t.after(async () => {
    lookup.close();
    client.close();
    await events.close();
  });
  await eventually(
    () => ledger.ids("engine").length,
    (count) => count > 0,
  );
  return { lookup, events };
}

const isEmpty = (list: readonly string[]): boolean => list.length === 0;
const post = (path: string, body?: unknown): Promise<Reply> => request(engine.socket, "POST", path, { body });
const remove = (path: string): Promise<Reply> => request(engine.socket, "DELETE", path);

async function startContainer(): Promise<string> {
  const made = await post("/containers/create", {
    Image: "bb:1",
    Cmd: ["sleep", "1000"],
    HostConfig: { NetworkMode: "none" },
  });
  const id = textAt(made.json, "Id");
  await post(`/containers/${id}/start`);
  return id;
}

async function makeExec(container: string, lookup: Lookup, command: readonly string[]): Promise<string> {
  const id = textAt((await post(`/containers/${container}/exec`, { Cmd: command })).json, "Id");
  lookup.ledger.claim("exec", id, alice);
  return id;
}

async function runExec(container: string, lookup: Lookup, command: readonly string[] = ["true"]): Promise<string> {
  const id = await makeExec(container, lookup, command);
  await post(`/exec/${id}/start`, { Detach: true });
  return id;
}

test("a hundred commands that ended leave nothing behind, and one that runs stays its caller's", {
  skip,
}, async (t) => {
  const { lookup } = await watch(t, 0);
  const container = await startContainer();
  const waiting = await makeExec(container, lookup, ["true"]);
  const running = await runExec(container, lookup, ["sleep", "1000"]);
  let most = 0;
  for (let round = 0; round < 100; round += 1) {
    await runExec(container, lookup);
    most = Math.max(most, lookup.ledger.ids("exec").length);
  }
  const left = await eventually(
    () => lookup.ledger.ids("exec"),
    (ids) => ids.length === 2,
  );
  assert.deepEqual([...left].sort(), [waiting, running].sort());
  assert.ok(most < 100, `at most ${most} at once`);
  await remove(`/containers/${container}?force=1`);
  assert.deepEqual(await eventually(() => lookup.ledger.ids("exec"), isEmpty), []);
});

test("the owner of a command that has just ended stays known, for its exit code", { skip }, async (t) => {
  const { lookup } = await watch(t, 600_000);
  const container = await startContainer();
  const ended = await runExec(container, lookup);
  await sleep(500);
  assert.deepEqual(lookup.ledger.owners("exec", ended), [alice]);
  await remove(`/containers/${container}?force=1`);
});

test("commands that ended while nobody was told are asked for", { skip }, async (t) => {
  const { lookup, events } = await watch(t, 600_000);
  const container = await startContainer();
  const other = await startContainer();
  for (let round = 0; round < 5; round += 1) await runExec(container, lookup, ["sleep", "1000"]);
  const running = await runExec(other, lookup, ["sleep", "1000"]);
  events.cut();
  await remove(`/containers/${container}?force=1`);
  await sleep(200);
  const before = lookup.ledger.ids("exec").length;
  events.mend();
  const left = await eventually(
    () => lookup.ledger.ids("exec"),
    (ids) => ids.length === 1,
  );
  assert.deepEqual([before, left], [6, [running]]);
  await remove(`/containers/${other}?force=1`);
});

async function claimTag(lookup: Lookup, name: string): Promise<string> {
  const image = await makeImage(engine.socket, { reference: `${name}:1`, changes: [`LABEL name=${name}`] });
  lookup.ledger.claim("tag", `docker.io/library/${name}:1`, alice);
  lookup.ledger.claim("image", image, alice);
  return image;
}

const claimed = (lookup: Lookup): readonly string[] => [...lookup.ledger.ids("tag"), ...lookup.ledger.ids("image")];

test("a tag and an image that were removed around the gate are nobody's", { skip }, async (t) => {
  const { lookup } = await watch(t, 0);
  await claimTag(lookup, "gone");
  const kept = await claimTag(lookup, "kept");
  await remove("/images/gone:1");
  const left = await eventually(
    () => claimed(lookup),
    (ids) => ids.length === 2,
  );
  assert.deepEqual(left, ["docker.io/library/kept:1", kept]);
});

test("an anonymous volume that goes with its container leaves no claim", { skip }, async (t) => {
  const { lookup } = await watch(t, 0);
  const body = { Image: "bb:1", Volumes: { "/data": {} }, HostConfig: { NetworkMode: "none" } };
  const container = textAt((await post("/containers/create", body)).json, "Id");
  const [volume = ""] = await lookup.volumesOf(container);
  lookup.ledger.claim("volume", volume, alice);
  await remove(`/containers/${container}?v=1`);
  assert.deepEqual(await eventually(() => lookup.ledger.ids("volume"), isEmpty), []);
});

test("a tag that was removed while nobody was told is nobody's afterwards", { skip }, async (t) => {
  const { lookup, events } = await watch(t, 0);
  await claimTag(lookup, "lost");
  events.cut();
  await remove("/images/lost:1");
  await sleep(300);
  const before = claimed(lookup).length;
  events.mend();
  assert.deepEqual([before, await eventually(() => claimed(lookup), isEmpty)], [2, []]);
});

test("a tag that a call is about to make stays claimed, and goes when it was not made", { skip }, async (t) => {
  const { lookup } = await watch(t, 0);
  const tag = "docker.io/library/coming:1";
  const letGo = lookup.hold([tag]);
  lookup.ledger.claim("tag", tag, alice);
  await claimTag(lookup, "other");
  await remove("/images/other:1");
  const during = await eventually(
    () => claimed(lookup),
    (ids) => ids.length === 1,
  );
  letGo();
  await claimTag(lookup, "another");
  await remove("/images/another:1");
  assert.deepEqual([during, await eventually(() => claimed(lookup), isEmpty)], [[tag], []]);
});

test("claims of another engine, which may come back, stay", { skip }, async (t) => {
  const ledger = memoryLedger();
  ledger.claim("engine", "first", "ANOTHER /var/lib/docker");
  ledger.claim("tag", "docker.io/library/there:1", alice);
  const { lookup } = await watch(t, 0, ledger);
  await claimTag(lookup, "here");
  await remove("/images/here:1");
  await sleep(500);
  assert.equal(claimed(lookup).length, 3);
});

test("a name that its owner's image lost around the gate can be another caller's", { skip }, async () => {
  const gate = await startGate(engine);
  const [first, second] = [
    await startTenant(gate.socket, { uid: 2001 }),
    await startTenant(gate.socket, { uid: 2002 }),
  ];
  try {
    await makeImage(first.socket, { reference: "web:1" });
    const taken = await makeImage(second.socket, { reference: "web:1" }).then(
      () => "taken",
      () => "refused",
    );
    await remove("/images/web:1?force=1");
    let free = "refused";
    for (let tries = 0; tries < 50 && free === "refused"; tries += 1) {
      await sleep(200);
      free = await makeImage(second.socket, { reference: "web:1" }).then(
        () => "taken",
        () => "refused",
      );
    }
    assert.deepEqual([taken, free], ["refused", "taken"]);
  } finally {
    await first.close();
    await second.close();
    await gate.close();
  }
});

test("a build that was refused on its way keeps no name for its caller", { skip }, async () => {
  const gate = await startGate(engine);
  const [first, second] = [
    await startTenant(gate.socket, { uid: 2001 }),
    await startTenant(gate.socket, { uid: 2002 }),
  ];
  try {
    const file = { name: "Dockerfile", data: "FROM bb:1\n" };
    const refused = await request(first.socket, "POST", "/build?t=wanted:1", {
      body: tar([file, file]),
      headers: { "Content-Type": "application/x-tar" },
    });
    const made = await makeImage(second.socket, { reference: "wanted:1" }).then(
      () => "made",
      (error: unknown) => String(error),
    );
    assert.deepEqual([refused.status, made], [400, "made"]);
  } finally {
    await first.close();
    await second.close();
    await gate.close();
  }
});
