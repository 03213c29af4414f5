// Answers as an engine 20.10 gives them, seen by one of two tenants.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineClient } from "../../../src/engine/engine.ts";
import { planResponse } from "../../../src/gate/answers/plan-response.ts";
import { createLookup } from "../../../src/gate/references/lookup.ts";
import { answerBody } from "../../../src/gate/transport/answer-body.ts";
import { AnswerMemory } from "../../../src/gate/transport/answer-memory.ts";
import type { Grant } from "../../../src/model/grant.ts";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import { caller, callOf, enforcing, memoryLedger, pinnedCall } from "../../support/semantics.ts";

/** An engine that is away: nothing can be looked up, and nothing may show for that. */
const away: EngineClient = {
  socket: "/nowhere",
  get: async () => undefined,
  post: async () => undefined,
  delete: async () => undefined,
  work: async () => undefined,
  stream: () => Promise.reject(new Error("away")),
  close: () => undefined,
};

async function seenBy(name: string, path: string, answer: JsonValue): Promise<JsonValue | undefined> {
  const ledger = memoryLedger();
  ledger.claim("tag", "docker.io/library/bobs:1", "unix:bob");
  ledger.claim("image", "sha256:bb", "unix:bob");
  const lookup = createLookup(away, ledger);
  const call = pinnedCall(callOf("GET", path));
  const plan = planResponse(call, {
    principal: caller(name),
    grants: new Set(),
    profile: enforcing,
    lookup,
    engineKind: "docker",
  });
  try {
    return plan.kind === "json" || plan.kind === "records" ? await plan.change(answer) : answer;
  } finally {
    lookup.close();
  }
}

const labels = (owner: string) => ({ "dev.plimsoll.owner": owner, "dev.plimsoll.request": "R" });

test("events of another tenant do not pass, command lines least of all", async () => {
  const event = (own: JsonObject): JsonValue => ({
    status: "exec_create: mysql -pSECRET",
    id: "c1",
    Type: "container",
    Action: "exec_create: mysql -pSECRET",
    Actor: { ID: "c1", Attributes: { image: "bb:1", name: "db", ...own } },
  });
  const network = { Type: "network", Action: "connect", Actor: { ID: "n1", Attributes: { container: "c1" } } };
  assert.deepEqual(
    [
      await seenBy("alice", "/events", event(labels("unix:bob"))),
      await seenBy("alice", "/events", event({})),
      await seenBy("alice", "/events", network),
      await seenBy("alice", "/events", { Type: "daemon", Action: "reload", Actor: { ID: "d" } }),
      await seenBy("alice", "/events", event(labels("unix:alice"))),
    ],
    [undefined, undefined, undefined, undefined, event({})],
  );
});

test("an image keeps the names that are not another tenant's", async () => {
  const list = [
    { Id: "sha256:aa", RepoTags: ["bb:1", "bobs:1"], RepoDigests: [] },
    { Id: "sha256:bb", RepoTags: ["bobs:1"], RepoDigests: [] },
    { Id: "sha256:cc", RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] },
  ];
  assert.deepEqual(await seenBy("alice", "/images/json", list), [
    { Id: "sha256:aa", RepoTags: ["bb:1"], RepoDigests: [] },
  ]);
});

test("a list that is none is withheld", async () => {
  await assert.rejects(seenBy("alice", "/containers/json", { message: "?" }));
  await assert.rejects(seenBy("alice", "/volumes", [{}]));
  await assert.rejects(seenBy("alice", "/events", "text"));
});

test("a list that comes again is decided on again, by what names and images mean now", async (t) => {
  const images = new Map([["bb:1", "sha256:aa"]]);
  const engine: EngineClient = {
    ...away,
    async get(path) {
      const name = decodeURIComponent(path.split("/")[2] ?? "");
      return images.has(name) ? { Id: images.get(name), Config: {} } : undefined;
    },
  };
  const lookup = createLookup(engine, memoryLedger());
  t.after(() => lookup.close());
  const list = [
    {
      Id: "c1",
      Image: "sha256:aa",
      ImageID: "sha256:aa",
      Labels: { ...labels("unix:bob"), "dev.plimsoll.image": "bb:1" },
    },
  ];
  const call = pinnedCall(callOf("GET", "/containers/json"));
  const memory = new AnswerMemory();
  const document = Buffer.from(JSON.stringify(list));
  const ask = async (name: string, grants: readonly Grant[] = []): Promise<unknown> => {
    const plan = planResponse(call, {
      principal: caller(name),
      grants: new Set(grants),
      profile: enforcing,
      lookup,
      engineKind: "docker",
    });
    const body = answerBody(plan, 200, memory);
    body.push(document);
    return JSON.parse(Buffer.from((await body.finish()) ?? []).toString());
  };
  const answers = [await ask("bob"), await ask("alice"), await ask("bob"), await ask("alice", ["owner.any"])];
  images.set("bb:1", "sha256:bb");
  answers.push(await ask("bob"));
  const shown = (Image: string) => [{ Id: "c1", Image, ImageID: "sha256:aa", Labels: {} }];
  assert.deepEqual(answers, [shown("bb:1"), [], shown("bb:1"), [{ ...list[0], Image: "bb:1" }], shown("sha256:aa")]);
});
