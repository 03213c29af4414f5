// What a call claims in the ledger, before the engine is asked, after it answered, and when it did not do what was asked.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openEngineClient } from "../../../src/engine/client.ts";
import type { EngineClient } from "../../../src/engine/engine.ts";
import type { ResponsePlan } from "../../../src/gate/call.ts";
import { type Claims, claimsAfter } from "../../../src/gate/ownership/claims.ts";
import { createLookup, type Lookup } from "../../../src/gate/references/lookup.ts";
import { pinReferences } from "../../../src/gate/references/pin-references.ts";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import type { LedgerKind } from "../../../src/model/ledger.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { caller, callOf, memoryLedger } from "../../support/semantics.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let client: EngineClient;
let lookup: Lookup;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  client = openEngineClient(engine.socket);
  lookup = createLookup(client, memoryLedger());
});

after(async () => {
  lookup?.close();
  client?.close();
  await engine?.close();
});

/** A call of somebody, about to be sent: what it claims at once is claimed. */
async function begin(who: string, method: string, path: string, body?: JsonObject): Promise<Claims> {
  return claimsAfter(await pinReferences(callOf(method, path, body), lookup, caller(who)), caller(who), lookup);
}

/** The same, carried out by the engine, whose answer is heard. */
async function perform(who: string, method: string, path: string, body?: JsonObject): Promise<unknown> {
  const claims = await begin(who, method, path, body);
  const reply = await request(engine.socket, method, path, { body });
  await hear(claims, reply.json);
  await claims.settle(reply.status);
  return reply.json;
}

async function hear(claims: Claims, answer: unknown): Promise<void> {
  const plan: ResponsePlan = claims.watching({ kind: "json", change: (value) => value });
  const value: JsonValue = JSON.parse(JSON.stringify(answer ?? null));
  if (plan.kind === "json" || plan.kind === "records") await plan.change(value);
}

const owners = (kind: LedgerKind, id: string): readonly string[] => lookup.ledger.owners(kind, id);
const tagOf = (name: string): string => `docker.io/library/${name}`;

test("a tag is its maker's before it is there, and nobody's when the engine did not make it", { skip }, async () => {
  const claims = await begin("alice", "POST", "/images/bb:1/tag?repo=planned&tag=1");
  const during = owners("tag", tagOf("planned:1"));
  await claims.settle(500);
  const cutOff = await begin("alice", "POST", "/build?t=planned:2");
  await cutOff.settle(0);
  assert.deepEqual(
    [during, owners("tag", tagOf("planned:1")), owners("tag", tagOf("planned:2"))],
    [["unix:alice"], [], []],
  );
});

test("of two calls for one tag the one that made it keeps it", { skip }, async () => {
  const slow = await begin("alice", "POST", "/images/bb:1/tag?repo=race&tag=1");
  // Whoever comes second finds the tag claimed: the policies refuse that, and here nobody asks them.
  const second = await pinReferences(callOf("POST", "/images/bb:1/tag?repo=race&tag=1"), lookup, caller("bob"));
  const seen = second.references.filter(({ role }) => role === "tag").map(({ owner, exists }) => ({ owner, exists }));
  await request(engine.socket, "POST", "/images/bb:1/tag?repo=race&tag=1");
  await slow.settle(201);
  assert.deepEqual(
    { seen, owners: owners("tag", tagOf("race:1")) },
    { seen: [{ owner: "unix:alice", exists: true }], owners: ["unix:alice"] },
  );
});

test("a commit, an exec and a container's anonymous volumes are whose call made them", { skip }, async () => {
  const asked = { Image: "bb:1", Cmd: ["sleep", "1000"], Volumes: { "/data": {} } };
  const container = textAt(await perform("alice", "POST", "/containers/create", asked), "Id");
  await request(engine.socket, "POST", `/containers/${container}/start`);
  const exec = textAt(await perform("alice", "POST", `/containers/${container}/exec`, { Cmd: ["true"] }), "Id");
  const commit = await perform("alice", "POST", `/commit?container=${container}&repo=made&tag=1`, {});
  const [volume = ""] = await lookup.volumesOf(container);
  assert.deepEqual(
    {
      exec: owners("exec", exec),
      image: owners("image", textAt(commit, "Id")),
      tag: owners("tag", tagOf("made:1")),
      volume: owners("volume", volume),
    },
    {
      exec: ["unix:alice"],
      image: ["unix:alice"],
      tag: ["unix:alice"],
      volume: ["unix:alice"],
    },
  );
  await request(engine.socket, "DELETE", `/containers/${container}?force=1`);
  await perform("alice", "DELETE", `/volumes/${volume}`);
  await perform("alice", "DELETE", "/images/made:1");
  assert.deepEqual([owners("volume", volume), owners("tag", tagOf("made:1"))], [[], []]);
});

test("an exec that the engine refused, and an answer that nobody heard the end of, claim nothing", {
  skip,
}, async () => {
  const refused = await begin("alice", "POST", "/containers/none/exec", { Cmd: ["true"] });
  await hear(refused, { message: "no such container" });
  await refused.settle(404);
  const unheard = await begin("alice", "POST", "/containers/none/exec", { Cmd: ["true"] });
  await hear(unheard, { Id: "e".repeat(64) });
  await unheard.settle(500);
  assert.deepEqual(owners("exec", "e".repeat(64)), []);
});

test("what a load brought is whose load it was, but not names that others have", { skip }, async () => {
  const image = await makeImage(engine.socket, { reference: "loaded:1", changes: ["LABEL a=b"] });
  lookup.ledger.claim("tag", tagOf("theirs:1"), "unix:bob");
  const claims = await begin("alice", "POST", "/images/load");
  await hear(claims, { stream: "Loaded image: loaded:1\n" });
  await hear(claims, { stream: "Loaded image: theirs:1\n" });
  await hear(claims, { stream: "Loaded image: ../../etc/passwd\n" });
  await hear(claims, { stream: `Loaded image ID: ${image}\n` });
  await claims.settle(200);
  assert.deepEqual(
    [owners("tag", tagOf("loaded:1")), owners("tag", tagOf("theirs:1")), owners("image", image)],
    [["unix:alice"], ["unix:bob"], ["unix:alice"]],
  );
});

test("an image that was there for everybody does not become one caller's by a name of his", { skip }, async () => {
  await perform("bob", "POST", "/images/bb:1/tag?repo=alias&tag=1");
  const image = await lookup.image("bb:1");
  assert.deepEqual([owners("tag", tagOf("alias:1")), owners("image", image?.id ?? "")], [["unix:bob"], []]);
});
