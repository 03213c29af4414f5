// What is remembered of simple questions never outlives what it was decided on.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openEngineClient } from "../../src/engine/client.ts";
import type { Gate } from "../../src/gate/gate.ts";
import { createKnownCalls } from "../../src/gate/known-calls.ts";
import { createKnownCreates } from "../../src/gate/known-creates.ts";
import { serve } from "../../src/gate/pipeline.ts";
import { createLookup } from "../../src/gate/references/lookup.ts";
import type { PeerConnection } from "../../src/model/connection.ts";
import type { Principal } from "../../src/model/principal.ts";
import type { PolicyEngine } from "../../src/policy/policy-engine.ts";
import { policyFiles } from "../../src/policy/policy-files.ts";
import { createPolicyStore } from "../../src/policy/policy-store.ts";
import { alice, bob, schemaText } from "../policy/support.ts";
import { eventually } from "../support/eventually.ts";
import { memoryLedger } from "../support/semantics.ts";
import { openDoor, startFakeEngine } from "./transport/support.ts";

const lists = '@id("lists") permit(principal, action == Action::"container.list", resource);';
const seesAll = '@id("sees-all") permit(principal, action == Action::"grant", resource == Grant::"owner.any");';
const list = "/v1.41/containers/json";
const owned = (owner: string) => ({
  Id: owner,
  ImageID: "",
  Labels: { "dev.plimsoll.owner": owner, "dev.plimsoll.request": owner, mine: "1" },
});

/** A pipeline in front of an engine with one container of bob's, whose callers come in turn, one for each connection. */
async function open(
  t: TestContext,
  policy: string,
  callers: readonly Principal[] = [bob],
  containers: readonly object[] = [owned("unix:bob")],
) {
  let events: ServerResponse | undefined;
  let imageId = "";
  const engine = await startFakeEngine(t, (asked, answer) => {
    if (asked.url?.includes("/events")) {
      events = answer;
      return void answer.flushHeaders();
    }
    answer.setHeader("content-type", "application/json");
    const image = { Id: imageId, RepoTags: imageId === "" ? [] : ["a:1"], Config: {} };
    answer.end(JSON.stringify(asked.url?.includes("/images/") ? image : containers));
  });
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-known-"));
  const file = join(folder, "own.cedar");
  writeFileSync(file, policy);
  const store = await createPolicyStore({ files: policyFiles([file]), schemaText, debounceMs: 3_600_000 });
  const client = openEngineClient(engine.socket);
  const lookup = createLookup(client, memoryLedger());
  const named = new Map<PeerConnection, Principal>();
  const decided: string[] = [];
  const gate: Gate = {
    engine: () => description,
    async callerOf({ peer }) {
      const caller = named.get(peer) ?? callers[named.size];
      if (caller === undefined) throw new Error("more connections than callers");
      named.set(peer, caller);
      return caller;
    },
    policies: () => counted(store.current(), decided),
    lookup,
    ledger: lookup.ledger,
    audit: { open: async () => undefined, close: async () => undefined },
    knownCalls: createKnownCalls(),
    knownCreates: createKnownCreates(),
    profiles: () => [],
    nowMs: () => Date.now(),
  };
  const door = await openDoor(t, engine.socket, (exchange) => serve(exchange, gate));
  t.after(() => {
    store.close();
    lookup.close();
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    socket: door.socket,
    decided,
    lookup,
    /** The tag a:1 moves, and the engine tells of it. */
    async moveTag(id: string) {
      imageId = id;
      await lookup.image("a:1");
      events?.write(`${JSON.stringify({ Type: "image", Action: "tag", Actor: { ID: id, Attributes: {} } })}\n`);
      await eventually(
        () => lookup.knownImage("a:1"),
        (known) => known === undefined,
      );
    },
    async change(text: string) {
      writeFileSync(file, text);
      await store.reload();
    },
  };
}

const description = {
  ...{ kind: "docker", socket: "", version: "20.10", apiVersion: "1.41", minApiVersion: "1.12" },
  ...{ os: "linux", arch: "amd64", dataRoot: "/var/lib/docker" },
};

/** The same object for the same engine, as the service has it. */
const countedEngines = new WeakMap<PolicyEngine, PolicyEngine>();

function counted(engine: PolicyEngine, decided: string[]): PolicyEngine {
  const known = countedEngines.get(engine);
  if (known !== undefined) return known;
  const made: PolicyEngine = {
    ...engine,
    decide(question) {
      decided.push(`${question.principal.name} ${question.action}`);
      return engine.decide(question);
    },
  };
  countedEngines.set(engine, made);
  return made;
}

/** One connection, kept. */
function connection(t: TestContext, socketPath: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  return (path: string, headers: Readonly<Record<string, string>> = {}, body = ""): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath, agent, path, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (piece: string) => {
          text += piece;
        });
        answer.on("end", () => resolve(`${answer.statusCode} ${answer.statusCode === 200 ? text : ""}`.trim()));
      });
      asked.on("error", reject);
      asked.end(body);
    });
}

const shown = `200 ${JSON.stringify([{ Id: "unix:bob", ImageID: "", Labels: { mine: "1" } }])}`;
const shownWhole = `200 ${JSON.stringify([owned("unix:bob")])}`;

test("a caller who asks the same again is decided on once", async (t) => {
  const gate = await open(t, lists);
  const ask = connection(t, gate.socket);
  const answers = [await ask(list), await ask(list), await ask(list)];
  assert.deepEqual([answers, gate.decided], [[shown, shown, shown], ["bob container.list"]]);
});

test("after a reload the same question gets the new policies' answer, and back", async (t) => {
  const gate = await open(t, lists);
  const ask = connection(t, gate.socket);
  const answers = [await ask(list), await ask(list)];
  await gate.change(lists.replace("container.list", "container.prune"));
  answers.push(await ask(list), await ask(list));
  await gate.change(lists);
  answers.push(await ask(list));
  assert.deepEqual(answers, [shown, shown, "403", "403", shown]);
});

test("a grant that is given or taken changes what the same question shows", async (t) => {
  const gate = await open(t, lists);
  const ask = connection(t, gate.socket);
  const answers = [await ask(list)];
  await gate.change(`${lists} ${seesAll}`);
  answers.push(await ask(list));
  await gate.change(lists);
  answers.push(await ask(list));
  assert.deepEqual(answers, [shown, shownWhole, shown]);
});

test("another caller's same question is decided on and filtered for that caller", async (t) => {
  const gate = await open(t, lists, [bob, alice]);
  const [bobs, alices] = [connection(t, gate.socket), connection(t, gate.socket)];
  const answers = [await bobs(list), await alices(list), await bobs(list), await alices(list)];
  assert.deepEqual(
    [answers, gate.decided],
    [
      [shown, "200 []", shown, "200 []"],
      ["bob container.list", "alice container.list"],
    ],
  );
});

test("what one caller may is not what the next one may", async (t) => {
  const gate = await open(t, lists.replace("principal", 'principal == User::"unix:bob"'), [bob, alice]);
  const [bobs, alices] = [connection(t, gate.socket), connection(t, gate.socket)];
  const answers = [await bobs(list), await alices(list), await alices(list), await bobs(list)];
  assert.deepEqual(answers, [shown, "403", "403", shown]);
});

test("a header, a parameter or a body makes it another question", async (t) => {
  const gate = await open(t, lists);
  const ask = connection(t, gate.socket);
  const filters = encodeURIComponent(JSON.stringify({ ancestor: ["bb:1"] }));
  const answers = [
    await ask(list),
    await ask(list, { "content-length": "2" }, "{}"),
    await ask(list, { "content-length": "16" }, '{"HostConfig":1}'),
    await ask(list),
    await ask(`${list}?all=1`),
    await ask(`${list}?filters=${filters}`),
    await ask(`${list}?filters=${filters}`),
  ];
  // A filter names things (here nobody's image), whose meaning and owner may change: it is decided on each time.
  assert.deepEqual(
    [answers.map((answer) => answer.slice(0, 3)), gate.decided.length],
    [["200", "200", "400", "200", "200", "403", "403"], 5],
  );
});

test("a list that comes again shows an image by its name only as long as the name means it", async (t) => {
  const id = `sha256:${"1".repeat(64)}`;
  const { Labels } = owned("unix:bob");
  const container = { Id: "c", Image: id, ImageID: id, Labels: { ...Labels, "dev.plimsoll.image": "a:1" } };
  const gate = await open(t, lists, [bob, alice], [container]);
  const [ask, alices] = [connection(t, gate.socket), connection(t, gate.socket)];
  await eventually(gate.lookup.imagesGeneration, (generation) => generation !== undefined);
  const image = async (): Promise<unknown> => JSON.parse((await ask(list)).slice(4))[0].Image;
  const shown = [];
  for (const meaning of [id, `sha256:${"2".repeat(64)}`, id]) {
    await gate.moveTag(meaning);
    shown.push(await image(), await image());
  }
  assert.deepEqual(shown, ["a:1", "a:1", id, id, "a:1", "a:1"]);
  assert.deepEqual([await alices(list), await alices(list)], ["200 []", "200 []"]);
});
