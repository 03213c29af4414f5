// What a service refers to is named by id before it is decided, in a real swarm of one node, and the engine takes it so.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openEngineClient } from "../../../src/engine/client.ts";
import { createLookup } from "../../../src/gate/references/lookup.ts";
import { findMissing } from "../../../src/gate/references/missing.ts";
import { pinReferences } from "../../../src/gate/references/pin-references.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { at, textAt } from "../../support/json.ts";
import { caller, callOf, memoryLedger } from "../../support/semantics.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ network: true });
  await makeImage(engine.socket);
  await post("/swarm/init", { ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
});

after(async () => {
  await engine?.close();
});

async function post(path: string, body: unknown): Promise<unknown> {
  const reply = await request(engine.socket, "POST", path, { body });
  assert.ok(reply.status < 300, `${path}: ${reply.text}`);
  return reply.json;
}

const Labels = { "dev.plimsoll.owner": "unix:bob" };

function service(names: {
  readonly secret: JsonObject;
  readonly config: JsonObject;
  readonly network: string;
}): JsonObject {
  const file = { Name: "x", UID: "0", GID: "0", Mode: 292 };
  return {
    Name: "s",
    Networks: [{ Target: names.network }],
    TaskTemplate: {
      Networks: [{ Target: names.network }],
      ContainerSpec: {
        Image: "bb:1",
        Command: ["true"],
        Mounts: [{ Type: "volume", Source: "data", Target: "/d" }],
        Secrets: [{ ...names.secret, File: file }],
        Configs: [{ ...names.config, File: { ...file, Name: "y" } }],
      },
    },
  };
}

test("networks, secrets, configs and volumes of a service are pinned with their owners", { skip }, async (t) => {
  const client = openEngineClient(engine.socket);
  const lookup = createLookup(client, memoryLedger());
  t.after(() => {
    lookup.close();
    client.close();
  });
  const secret = textAt(await post("/secrets/create", { Name: "key", Data: "eA==", Labels }), "ID");
  const config = textAt(await post("/configs/create", { Name: "conf", Data: "eA==", Labels }), "ID");
  const network = textAt(await post("/networks/create", { Name: "lan", Driver: "overlay", Labels }), "Id");
  await post("/volumes/create", { Name: "data", Labels });
  const asked = service({
    // The name is one thing and the id another: the engine goes by the id.
    secret: { SecretID: "key", SecretName: "another" },
    config: { ConfigName: "conf" },
    network: "lan",
  });
  const pinned = await pinReferences(callOf("POST", "/services/create", asked), lookup, caller("alice"));
  const body = pinned.call.body.kind === "json" ? pinned.call.body.value : {};
  const container = ["TaskTemplate", "ContainerSpec"];
  const references = pinned.references.map(({ role, id, owner, exists }) => ({ role, id, owner, exists }));
  const bobs = { owner: "unix:bob", exists: true };
  assert.deepEqual(
    {
      secret: at(body, ...container, "Secrets", 0, "SecretID"),
      config: at(body, ...container, "Configs", 0, "ConfigID"),
      networks: [at(body, "Networks", 0, "Target"), at(body, "TaskTemplate", "Networks", 0, "Target")],
      references,
    },
    {
      secret,
      config,
      networks: [network, network],
      references: [
        { role: "network", id: network, ...bobs },
        { role: "network", id: network, ...bobs },
        { role: "volume", id: "data", ...bobs },
        { role: "secret", id: secret, ...bobs },
        { role: "config", id: config, ...bobs },
      ],
    },
  );
  // The engine holds the names against the ids, and a service may have its networks in one place only.
  const right = service({
    secret: { SecretID: secret, SecretName: "key" },
    config: { ConfigID: config, ConfigName: "conf" },
    network,
  });
  await post("/services/create", { ...right, Networks: [] });
});

test("a service that refers to what is not there is not sent", { skip }, async (t) => {
  const client = openEngineClient(engine.socket);
  const lookup = createLookup(client, memoryLedger());
  t.after(() => {
    lookup.close();
    client.close();
  });
  const asked = service({ secret: { SecretID: "none" }, config: { ConfigID: "none" }, network: "nowhere" });
  const pinned = await pinReferences(callOf("POST", "/services/create", asked), lookup, caller("alice"));
  const known = pinned.references.map(({ role, exists }) => `${role} ${exists}`);
  assert.deepEqual(
    [[...new Set(known)].filter((word) => !word.startsWith("volume")), findMissing(pinned)?.status],
    [["network false", "secret false", "config false"], 404],
  );
});
