// What is remembered of a create never outlives what it was decided on, and what the engine gets is what it would have got.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { openEngineClient } from "../../src/engine/client.ts";
import type { Gate } from "../../src/gate/gate.ts";
import { createKnownCalls } from "../../src/gate/known-calls.ts";
import { createKnownCreates } from "../../src/gate/known-creates.ts";
import { serve } from "../../src/gate/pipeline.ts";
import { createLookup } from "../../src/gate/references/lookup.ts";
import type { PeerConnection } from "../../src/model/connection.ts";
import type { OwnershipLedger } from "../../src/model/ledger.ts";
import type { Principal } from "../../src/model/principal.ts";
import type { Profile } from "../../src/model/profile.ts";
import type { PolicyEngine } from "../../src/policy/policy-engine.ts";
import { policyFiles } from "../../src/policy/policy-files.ts";
import { createPolicyStore } from "../../src/policy/policy-store.ts";
import { alice, bob, schemaText } from "../policy/support.ts";
import { createBodies } from "../support/create-bodies.ts";
import { eventually } from "../support/eventually.ts";
import { memoryLedger } from "../support/semantics.ts";
import { openDoor, startFakeEngine } from "./transport/support.ts";

const creates = '@id("creates") permit(principal, action == Action::"container.create", resource);';
const own = `${creates} @id("own-images") @reason("it is another's") @remedy("ask") forbid(principal, action == Action::"container.create", resource) when { !context.foreignReferences.isEmpty() };`;
const idOf = (digit: string): string => `sha256:${digit.repeat(64)}`;
const usual = { Image: "a:1", Cmd: ["true"], HostConfig: { NetworkMode: "none" } };

type Sent = { readonly Image: string; readonly Labels: Readonly<Record<string, string>> };

/** A pipeline in front of an engine that has the image a:1, whose callers come in turn, one for each connection. */
async function open(t: TestContext, policy: string, callers: readonly Principal[] = [bob]) {
  let image = idOf("1");
  let events: ServerResponse | undefined;
  const sent: string[] = [];
  const engine = await startFakeEngine(t, (asked, answer) => {
    const url = asked.url ?? "";
    if (url.includes("/events")) {
      events = answer;
      return void answer.flushHeaders();
    }
    answer.setHeader("content-type", "application/json");
    if (url.includes("/images/")) return void answer.end(JSON.stringify({ Id: image, RepoTags: ["a:1"], Config: {} }));
    if (!url.includes("/containers/create")) return void answer.writeHead(404).end("{}");
    let body = "";
    asked.setEncoding("utf8").on("data", (piece: string) => {
      body += piece;
    });
    asked.on("end", () => {
      sent.push(body);
      answer.writeHead(201).end(JSON.stringify({ Id: "c".repeat(64), Warnings: [] }));
    });
  });
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-known-"));
  const file = join(folder, "own.cedar");
  writeFileSync(file, policy);
  const store = await createPolicyStore({ files: policyFiles([file]), schemaText, debounceMs: 3_600_000 });
  const client = openEngineClient(engine.socket);
  const ledger: OwnershipLedger = memoryLedger();
  const lookup = createLookup(client, ledger);
  const named = new Map<PeerConnection, Principal>();
  const decided: string[] = [];
  const recorded: string[] = [];
  let profiles: readonly Profile[] = [];
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
    audit: { open: async ({ id }) => void recorded.push(id), close: async () => undefined },
    knownCalls: createKnownCalls(),
    knownCreates: createKnownCreates(),
    profiles: () => profiles,
    nowMs: () => Date.now(),
  };
  const door = await openDoor(t, engine.socket, (exchange) => serve(exchange, gate));
  t.after(() => {
    store.close();
    lookup.close();
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  // Nothing is remembered while nobody tells of changes.
  await eventually(
    async () => {
      await lookup.image("a:1");
      return lookup.knownImage("a:1");
    },
    (known) => known !== undefined,
  );
  return {
    socket: door.socket,
    ...{ decided, recorded, ledger, sent },
    harden: () => {
      profiles = [{ name: "small", file: "small.yaml", images: ["docker.io/library/a"], memory: 1024 ** 3 }];
    },
    async change(text: string) {
      writeFileSync(file, text);
      await store.reload();
    },
    /** The tag moves, and the engine tells of it. */
    async moveTag(digit: string) {
      image = idOf(digit);
      events?.write(`${JSON.stringify({ Type: "image", Action: "tag", Actor: { ID: image, Attributes: {} } })}\n`);
      await eventually(
        () => lookup.knownImage("a:1"),
        (known) => known === undefined,
      );
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
  return (body: unknown, path = "/v1.41/containers/create"): Promise<number> =>
    new Promise((resolve, reject) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      const asked = request({ method: "POST", socketPath, agent, path, headers }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
      });
      asked.on("error", reject);
      asked.end(text);
    });
}

function read(sent: readonly string[]): readonly Sent[] {
  return sent.map((body) => JSON.parse(body));
}

const requestOf = ({ Labels }: Sent): string => Labels["dev.plimsoll.request"] ?? "";

test("a create that comes again is decided on once, and each container leads to its own record", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  const answers = [await create(usual), await create(usual), await create(usual)];
  const sent = read(gate.sent);
  assert.deepEqual([answers, gate.decided], [[201, 201, 201], ["bob container.create"]]);
  assert.deepEqual(sent.map(requestOf), gate.recorded);
  assert.equal(new Set(gate.recorded).size, 3);
  const withoutId = gate.sent.map((body, at) => body.replace(gate.recorded[at] ?? "", "ID"));
  assert.equal(new Set(withoutId).size, 1);
});

test("a tag that moves is pinned to what it means now", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  await create(usual);
  await create(usual);
  await gate.moveTag("2");
  await create(usual);
  await create(usual);
  assert.deepEqual(
    [read(gate.sent).map(({ Image }) => Image), gate.decided.length],
    [[idOf("1"), idOf("1"), idOf("2"), idOf("2")], 2],
  );
});

test("an image that becomes another's is refused at once", async (t) => {
  const gate = await open(t, own);
  const create = connection(t, gate.socket);
  const answers = [await create(usual), await create(usual)];
  gate.ledger.claim("tag", "docker.io/library/a:1", "unix:alice");
  answers.push(await create(usual));
  gate.ledger.release("tag", "docker.io/library/a:1");
  answers.push(await create(usual));
  assert.deepEqual([answers, gate.sent.length], [[201, 201, 403, 201], 3]);
});

test("after a reload the same create gets the new policies' answer, and back", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  const answers = [await create(usual), await create(usual)];
  await gate.change(creates.replace("container.create", "container.prune"));
  answers.push(await create(usual), await create(usual));
  await gate.change(creates);
  answers.push(await create(usual));
  assert.deepEqual(answers, [201, 201, 403, 403, 201]);
});

test("another caller's same create is decided on for that caller, and belongs to that caller", async (t) => {
  const gate = await open(t, creates, [bob, alice, bob]);
  const [bobs, alices, bobsToo] = [0, 1, 2].map(() => connection(t, gate.socket));
  await bobs?.(usual);
  await alices?.(usual);
  await bobsToo?.(usual);
  assert.deepEqual(
    [read(gate.sent).map(({ Labels }) => Labels["dev.plimsoll.owner"]), gate.decided],
    [
      ["unix:bob", "unix:alice", "unix:bob"],
      ["bob container.create", "alice container.create"],
    ],
  );
});

test("every byte of body and query counts", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  const text = JSON.stringify(usual);
  const answers = [
    await create(text),
    await create(text.replace('"true"', '"trup"')),
    await create(`${text.slice(0, -1)},"User":"0"}`),
    await create(text.replace("}", "} ")),
    await create(`${text.slice(0, -1)},"image":"b:1"}`),
    await create(text, "/v1.41/containers/create?name=x"),
    await create(text),
  ];
  assert.deepEqual([answers, gate.decided.length], [[201, 201, 201, 201, 400, 201, 201], 5]);
});

test("a create that names more than images is looked up and decided on each time", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  for (const HostConfig of [{ Binds: ["/nowhere:/x"] }, { Mounts: [{ Type: "tmpfs", Target: "/t" }] }]) {
    await create({ ...usual, HostConfig });
    await create({ ...usual, HostConfig });
  }
  assert.equal(gate.decided.length, 4);
});

test("a profile that comes into force counts for the next create", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  await create(usual);
  await create(usual);
  gate.harden();
  await create(usual);
  assert.deepEqual(
    gate.sent.map((body) => body.includes('"Memory":1073741824')),
    [false, false, true],
  );
});

test("labels of ours cannot ride on what was remembered", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  await create(usual);
  const id = gate.recorded[0] ?? "";
  const answers = [
    await create({ ...usual, Labels: { "dev.plimsoll.request": id } }),
    await create({ ...usual, Env: [`A=${id}`] }),
    await create({ ...usual, Env: [`A=${id}`] }),
  ];
  const ids = read(gate.sent).map(requestOf);
  assert.deepEqual([answers, ids], [[403, 201, 201], gate.recorded]);
  assert.ok(gate.sent.slice(1).every((body) => body.includes(`A=${id}`)));
});

test("what is remembered of any body is what was sent the first time", async (t) => {
  const gate = await open(t, creates);
  const create = connection(t, gate.socket);
  await fc.assert(
    fc.asyncProperty(createBodies("a:1"), async (asked) => {
      const [sentBefore, recordedBefore] = [gate.sent.length, gate.recorded.length];
      const answers = [await create(asked), await create(asked)];
      const ids = gate.recorded.slice(recordedBefore);
      const sent = gate.sent.slice(sentBefore).map((text, at) => text.replaceAll(ids[at] ?? "-", "ID"));
      assert.equal(answers[0], answers[1]);
      assert.equal(sent[0], sent[1]);
    }),
    { numRuns: 60 },
  );
});
