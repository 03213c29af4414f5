// Two users of one engine: neither sees, uses, changes or takes what the other made. The victim's things are compared
// before and after, on the engine itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Attacker, type Attempt, attempts, type Victim, views } from "../support/attempts.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, listAt, textAt } from "../support/json.ts";
import { startTenant, type Tenant } from "../support/tenants.ts";

const skip = whyNoEngine() ?? false;

type World = {
  readonly engine: TestEngine;
  readonly gate: TestGate;
  readonly alice: Tenant;
  readonly bob: Tenant;
  readonly victim: Victim;
  readonly attacker: Attacker;
};
let world: World;

before(async () => {
  if (skip !== false) return;
  const engine = await startEngine({ network: true });
  await makeImage(engine.socket);
  const gate = await startGate(engine);
  const alice = await startTenant(gate.socket, { uid: 2001 });
  const bob = await startTenant(gate.socket, { uid: 2002 });
  world = { engine, gate, alice, bob, victim: await makeVictim(alice), attacker: await makeAttacker(bob) };
});

after(async () => {
  await world?.alice.close();
  await world?.bob.close();
  await world?.gate.close();
  await world?.engine.close();
});

test("nothing that one tenant tries on another's things succeeds", { skip }, async () => {
  const { engine, victim, attacker } = world;
  const thingsBefore = await thingsOf(engine);
  const all = attempts(victim, attacker);
  const outcomes: Record<string, string> = {};
  for (const attempt of all) outcomes[attempt.title] = verdict(await tried(attempt));
  const wanted = Object.fromEntries(all.map(({ title }) => [title, "refused"]));
  assert.deepEqual(outcomes, wanted);
  assert.ok(all.length >= 30, "at least thirty attempts");
  assert.deepEqual(await thingsOf(engine), thingsBefore);
});

test("no answer shows a trace of another tenant", { skip }, async () => {
  const { engine } = world;
  const thingsBefore = await thingsOf(engine);
  const seen: Record<string, unknown> = {};
  for (const view of views) {
    const reply = await tried(view);
    seen[view.title] = { status: reply.status, traces: tracesIn(reply.text) };
  }
  const wanted = Object.fromEntries(views.map(({ title }) => [title, { status: 200, traces: [] }]));
  assert.deepEqual(seen, wanted);
  assert.deepEqual(await thingsOf(engine), thingsBefore);
});

test("the owner sees and uses all of it", { skip }, async () => {
  const { alice, victim } = world;
  const get = async (path: string): Promise<unknown> => (await request(alice.socket, "GET", path)).json;
  const containers = await get("/containers/json?all=1");
  const volumes = listAt(await get("/volumes"), "Volumes").map((volume) => textAt(volume, "Name"));
  const networks = listAt({ list: await get("/networks") }, "list").map((network) => textAt(network, "Name"));
  const images = listAt({ list: await get("/images/json") }, "list").flatMap((image) => listAt(image, "RepoTags"));
  assert.deepEqual(
    {
      names: listAt({ containers }, "containers").flatMap((container) => listAt(container, "Names")),
      image: at(containers, 0, "Image"),
      mode: at(containers, 0, "HostConfig", "NetworkMode"),
      asked: at(await get(`/containers/${victim.containerId}/json`), "Config", "Image"),
      volumes: volumes.sort(),
      networks: networks.sort(),
      images: images.sort(),
      exec: at(await get(`/exec/${victim.execId}/json`), "Running"),
    },
    {
      names: ["/a1"],
      image: "bb:1",
      mode: "anet",
      asked: "bb:1",
      volumes: [victim.anonymousVolume, "alicedata"].sort(),
      networks: ["anet", "bridge", "host", "none"],
      images: ["aimg:1", "bb:1"],
      exec: false,
    },
  );
});

test("root on the host looks after everybody's things", { skip }, async () => {
  const { gate } = world;
  const containers = (await request(gate.socket, "GET", "/containers/json?all=1")).json;
  const names = listAt({ containers }, "containers").flatMap((container) => listAt(container, "Names"));
  const foreign = await request(gate.socket, "GET", "/containers/a1/json");
  assert.deepEqual({ names: names.sort(), status: foreign.status }, { names: ["/a1", "/b1"], status: 200 });
});

test("a container that was made around the gate belongs to nobody, whatever its image says", { skip }, async () => {
  const { engine, bob, alice } = world;
  // The image claims to be alice's: she built it so, and an operator runs it.
  const labels = ["dev.plimsoll.owner=unix:#2001", "dev.plimsoll.request=forged"];
  await makeImage(engine.socket, { reference: "trojan:1", changes: labels.map((label) => `LABEL ${label}`) });
  const body = { Image: "trojan:1", Cmd: ["sleep", "60"] };
  const made = await request(engine.socket, "POST", "/containers/create?name=operators", { body });
  const status = async (tenant: Tenant): Promise<number> =>
    (await request(tenant.socket, "GET", "/containers/operators/json")).status;
  const found = { made: made.status, alice: await status(alice), bob: await status(bob) };
  await request(engine.socket, "DELETE", "/containers/operators?force=1");
  await request(engine.socket, "DELETE", "/images/trojan:1");
  assert.deepEqual(found, { made: 201, alice: 403, bob: 403 });
});

test("a name that means nothing is answered as the engine would, and nothing is asked of it", { skip }, async () => {
  const { bob, engine } = world;
  const missing: Record<string, boolean> = {};
  for (const path of ["/containers/nosuch/json", "/images/nosuch/json", "/networks/nosuch", "/volumes/nosuch"]) {
    const [gated, direct] = [await request(bob.socket, "GET", path), await request(engine.socket, "GET", path)];
    // Older engines say it twice: `no such image: nosuch: No such image: nosuch:latest`.
    const isSame = textAt(direct.json, "message").endsWith(textAt(gated.json, "message"));
    missing[path] = isSame && gated.status === direct.status;
  }
  assert.deepEqual(Object.values(missing), [true, true, true, true], JSON.stringify(missing));
});

/** A container with a volume with a name, one without, a network of its own, a prepared exec, and an image made from it. */
async function makeVictim(alice: Tenant): Promise<Victim> {
  const ask = (path: string, body?: unknown): Promise<Reply> => ok(alice, "POST", path, body);
  await ask("/networks/create", { Name: "anet" });
  const made = await ask("/containers/create?name=a1", {
    Image: "bb:1",
    Cmd: ["sleep", "600"],
    Env: ["API_KEY=alicesecret"],
    Volumes: { "/anonymous": {} },
    HostConfig: { Binds: ["alicedata:/data"], NetworkMode: "anet" },
  });
  const containerId = textAt(made.json, "Id");
  await ask(`/containers/${containerId}/start`);
  const exec = await ask("/containers/a1/exec", { Cmd: ["echo", "alicesecret"] });
  const image = await ask("/commit?container=a1&repo=aimg&tag=1");
  const shown = await ok(alice, "GET", "/containers/a1/json");
  const names = listAt(shown.json, "Mounts").map((mount) => textAt(mount, "Name"));
  return {
    container: "a1",
    containerId,
    execId: textAt(exec.json, "Id"),
    imageId: textAt(image.json, "Id"),
    anonymousVolume: names.find((name) => name !== "alicedata") ?? "",
  };
}

async function makeAttacker(bob: Tenant): Promise<Attacker> {
  const network = await ok(bob, "POST", "/networks/create", { Name: "bnet" });
  const body = { Image: "bb:1", Cmd: ["sleep", "600"], HostConfig: { NetworkMode: "bnet" } };
  const made = await ok(bob, "POST", "/containers/create?name=b1", body);
  await ok(bob, "POST", "/containers/b1/start");
  return { containerId: textAt(made.json, "Id"), networkId: textAt(network.json, "Id") };
}

async function ok(tenant: Tenant, method: string, path: string, body?: unknown): Promise<Reply> {
  const reply = await request(tenant.socket, method, path, body === undefined ? {} : { body });
  assert.ok(reply.status >= 200 && reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
  return reply;
}

function tried({ method, path, body, headers }: Attempt): Promise<Reply> {
  const target = encodeURI(path.replace("NOW", String(Math.floor(Date.now() / 1000) + 1))).replaceAll("%25", "%");
  const options = { ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) };
  return request(world.bob.socket, method, target, options);
}

/** Refused by Plimsoll, by name of a rule, and without a word of the victim's secret. */
function verdict(reply: Reply): string {
  const isRefused = (reply.status === 403 || reply.status === 400) && reply.text.includes("plimsoll:");
  return isRefused && !reply.text.includes("alicesecret") ? "refused" : `${reply.status} ${reply.text.slice(0, 300)}`;
}

function tracesIn(text: string): readonly string[] {
  const { victim } = world;
  const secrets = [
    "alicesecret",
    "aimg",
    "alicedata",
    "anet",
    "#2001",
    ...Object.values(victim).filter((value) => value !== "a1"),
  ];
  return secrets.filter((secret) => secret !== "" && text.includes(secret));
}

/** Everything in the engine, as far as it lasts. */
async function thingsOf(engine: TestEngine): Promise<unknown> {
  const get = async (path: string): Promise<readonly unknown[]> =>
    listAt({ list: (await request(engine.socket, "GET", path)).json }, "list");
  const volumes = listAt((await request(engine.socket, "GET", "/volumes")).json, "Volumes");
  return {
    containers: (await get("/containers/json?all=1")).map((item) => [listAt(item, "Names"), at(item, "State")]),
    images: (await get("/images/json")).map((item) => [at(item, "Id"), listAt(item, "RepoTags")]),
    networks: (await get("/networks")).map((item) => at(item, "Name")).sort(),
    volumes: volumes.map((item) => at(item, "Name")).sort(),
  };
}
