// Names that come to mean something else around the gate: it is told by the engine's events, and while it is not told it
// remembers nothing. The last tests show what a gate does that believes in events which do not come.

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { openEngineClient } from "../../../src/engine/client.ts";
import { createLookup, type Lookup } from "../../../src/gate/references/lookup.ts";
import { cutEvents, type EventCutter } from "../../support/cut-events.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { startGate, type TestGate } from "../../support/gate.ts";
import { type Reply, request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { memoryLedger } from "../../support/semantics.ts";
import { startTenant, type Tenant } from "../../support/tenants.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ network: true });
  await makeImage(engine.socket);
});

after(async () => {
  await engine?.close();
});

async function around(method: string, path: string, body?: unknown): Promise<Reply> {
  const reply = await request(engine.socket, method, path, { body });
  if (reply.status >= 400) throw new Error(`${method} ${path}: ${reply.text}`);
  return reply;
}

const labels = (owner: string) => ({ "dev.plimsoll.owner": owner, "dev.plimsoll.request": "R" });
const makeVolume = (owner: string) => around("POST", "/volumes/create", { Name: "data", Labels: labels(owner) });
const makeNetwork = (owner: string) => around("POST", "/networks/create", { Name: "lan", Labels: labels(owner) });
const makeContainer = (owner: string) =>
  around("POST", "/containers/create?name=web", { Image: "bb:1", Labels: labels(owner) });

/** What each name means to a lookup: the owner, or the image's label. */
async function meanings(lookup: Lookup): Promise<readonly unknown[]> {
  return [
    (await lookup.container("web"))?.owner,
    (await lookup.volume("data"))?.owner,
    (await lookup.network("lan", "unix:alice"))?.owner,
    (await lookup.image("app:1"))?.labels["of"],
  ];
}

async function giveAll(owner: string): Promise<void> {
  await makeContainer(owner);
  await makeVolume(owner);
  await makeNetwork(owner);
  await makeImage(engine.socket, { reference: "app:1", changes: [`LABEL of=${owner}`] });
}

async function takeAll(): Promise<void> {
  await around("POST", "/containers/web/rename?name=old");
  for (const path of ["/volumes/data", "/networks/lan"]) await around("DELETE", path);
}

async function clear(): Promise<void> {
  for (const name of ["web", "old"]) await request(engine.socket, "DELETE", `/containers/${name}?force=1`);
  for (const path of ["/volumes/data", "/networks/lan", "/images/app:1"]) await request(engine.socket, "DELETE", path);
}

async function watch(t: TestContext): Promise<{ readonly lookup: Lookup; readonly events: EventCutter }> {
  const events = await cutEvents(engine.socket);
  const client = openEngineClient(events.socket);
  const ledger = memoryLedger();
  const lookup = createLookup(client, ledger, { tidyTimes: { pauseMs: 10, everyMs: 1_000, keepEndedMs: 0 } });
  t.after(async () => {
    lookup.close();
    client.close();
    await events.close();
    await clear();
  });
  // The ledger learns the engine's name first when its events are listened to.
  await eventually(
    () => ledger.ids("engine").length,
    (count) => count > 0,
  );
  return { lookup, events };
}

const hers = Array(4).fill("unix:alice");
const his = Array(4).fill("unix:bob");

test("while events come, a changed name is known a moment later", { skip }, async (t) => {
  const { lookup } = await watch(t);
  await giveAll("unix:alice");
  const first = await meanings(lookup);
  await takeAll();
  await giveAll("unix:bob");
  const later = await eventually(
    () => meanings(lookup),
    (owners) => owners.every((owner) => owner === "unix:bob"),
  );
  assert.deepEqual({ first, later }, { first: hers, later: his });
});

test("while no events come, a changed name is known at once", { skip }, async (t) => {
  const { lookup, events } = await watch(t);
  await giveAll("unix:alice");
  const first = await meanings(lookup);
  events.cut();
  await eventually(
    () => events.asked(),
    (asked) => asked > 1,
  );
  const cut = await meanings(lookup);
  await takeAll();
  await giveAll("unix:bob");
  assert.deepEqual({ first, cut, later: await meanings(lookup) }, { first: hers, cut: hers, later: his });
});

test("names that changed while nobody was told are not remembered when events come again", { skip }, async (t) => {
  const { lookup, events } = await watch(t);
  await giveAll("unix:alice");
  const first = await meanings(lookup);
  events.cut();
  await takeAll();
  await giveAll("unix:bob");
  const asked = events.asked();
  events.mend();
  await eventually(
    () => events.asked(),
    (count) => count > asked,
  );
  assert.deepEqual({ first, later: await meanings(lookup) }, { first: hers, later: his });
});

test("the attack is real: who believes in events that do not come takes the old meaning", { skip }, async (t) => {
  const { lookup, events } = await watch(t);
  await giveAll("unix:alice");
  const first = await meanings(lookup);
  events.mute();
  await takeAll();
  await giveAll("unix:bob");
  assert.deepEqual({ first, later: await meanings(lookup) }, { first: hers, later: hers });
});

type Scene = { readonly gate: TestGate; readonly events: EventCutter; readonly alice: Tenant };

/** Alice's volume, known to the gate, becomes bob's while the gate hears nothing; she then mounts it. */
async function mountAfterChange(t: TestContext, silence: (events: EventCutter) => void): Promise<Reply> {
  const events = await cutEvents(engine.socket);
  const gate = await startGate(events);
  const alice = await startTenant(gate.socket, { uid: 2001 });
  const scene: Scene = { gate, events, alice };
  t.after(() => closeScene(scene));
  const ask = (path: string, body?: unknown) =>
    request(alice.socket, body === undefined ? "GET" : "POST", path, { body });
  await ask("/volumes/create", { Name: "data" });
  await ask("/volumes/data");
  silence(events);
  await around("DELETE", "/volumes/data");
  await makeVolume("unix:bob");
  return await ask("/containers/create?name=thief", { Image: "bb:1", HostConfig: { Binds: ["data:/d"] } });
}

async function closeScene({ gate, events, alice }: Scene): Promise<void> {
  await alice.close();
  await gate.close();
  await events.close();
  await request(engine.socket, "DELETE", "/containers/thief?force=1");
  await clear();
}

test("a volume that became another's around the gate, while events are cut, is not mounted", { skip }, async (t) => {
  const reply = await mountAfterChange(t, (events) => events.cut());
  assert.deepEqual([reply.status, /invariant\/[a-z-]+/.exec(reply.text)?.[0]], [403, "invariant/foreign-reference"]);
});

test("without that guard the volume is mounted: a gate whose events are silenced unnoticed", { skip }, async (t) => {
  const reply = await mountAfterChange(t, (events) => events.mute());
  assert.deepEqual([reply.status, textAt(reply.json, "Id").length], [201, 64]);
});
