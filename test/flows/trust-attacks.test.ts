// Every attack of a registry, against an engine by itself and through the gate: what is not vouched for gets in by no trick, and
// leaves nothing behind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newPair, pemOf } from "../judges/scene.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type HostileRegistry, startHostileRegistry } from "../support/hostile-registry.ts";
import { type Reply, request } from "../support/http.ts";
import { makeOciImage } from "../support/oci-image.ts";
import { added, restore, takeSnapshot } from "../support/snapshot.ts";
import { image, type Keys, otherSigners, type TrustAttack } from "../support/trust-attacks/attack.ts";
import { documents } from "../support/trust-attacks/documents.ts";
import { certified, envelopes, goodPayload, keyless, signKeyless } from "../support/trust-attacks/envelopes.ts";
import { ofThen } from "../support/trust-attacks/of-then.ts";
import { registries } from "../support/trust-attacks/registries.ts";
import { signatures } from "../support/trust-attacks/signatures.ts";
import { labPolicy, pull } from "../support/trust-scene.ts";
import { makeAuthority } from "../trust/authority.ts";
import { startSigstore } from "../trust/sigstore-services.ts";

const all: readonly TrustAttack[] = [...signatures, ...envelopes, ...registries, ...documents, ...ofThen];
const honest = [
  { id: "classic", make: goodPayload },
  { id: "notation", make: certified(), signer: "acme" },
  { id: "keyless", make: keyless(), signer: "ci" },
] as const;
const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void>)[] = [];
let keys: Keys;
let engine: TestEngine;
let registry: HostileRegistry;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ sharesNetwork: true });
  closers.push(engine.close);
  registry = await startHostileRegistry({ after: (work) => closers.push(work) });
  const { host } = registry;
  const context = { after: (work: () => unknown) => void closers.push(async () => void (await work())) };
  const sigstore = await startSigstore(context);
  keys = {
    ...{ release: newPair(), second: newPair(), authority: makeAuthority(context) },
    keyless: await signKeyless(sigstore),
  };
  const signers = { release: { key: pemOf(keys.release) }, second: { key: pemOf(keys.second) }, ...otherSigners };
  const scoped = [...all, ...honest].flatMap((one) =>
    "signer" in one && one.signer !== undefined ? [{ id: one.id, signer: one.signer }] : [],
  );
  const rules = [
    ...scoped.map(({ id, signer }) => ({
      ...{ scope: `${host}/${id.toLowerCase()}`, require: { anyOf: [signer] }, binds: "any" },
    })),
    { scope: `${host}/*`, require: { anyOf: ["release"] } },
    { scope: `${host}/s22`, require: { allOf: ["release", "second"] } },
    { scope: `${host}/s4`, require: { anyOf: ["release"] }, freshness: { tagRecord: true } },
  ];
  gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/lab.cedar"],
    files: {
      ...{ "lab.cedar": labPolicy, "trust.yaml": JSON.stringify({ version: "1", signers, rules }) },
      ...{ "acme.pem": keys.authority.root, "root.json": sigstore.root, "ended.json": ended(sigstore.root) },
    },
    configuration: { admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [host] } },
  });
  closers.push(gate.close);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

/** Streams tell of errors with status 200. */
const isTaken = ({ status, text }: Reply): boolean => status === 200 && !text.includes('"errorDetail"');
const outcome = (reply: Reply): string =>
  reply.status === 0 ? "waits for ever" : isTaken(reply) ? "takes it" : "refuses it";

/** A trusted root whose log and authorities counted only until 2021. */
function ended(text: string): string {
  const root = JSON.parse(text);
  const end = "2021-01-01T00:00:00Z";
  for (const one of root.timestampAuthorities) one.validFor.end = end;
  for (const one of root.tlogs) one.publicKey.validFor.end = end;
  return JSON.stringify(root);
}

for (const { id, what, prepare, says, direct } of all) {
  test(`${id}: ${what}`, { skip }, async () => {
    const repository = registry.repository(id.toLowerCase());
    const name = `${repository.name}${(await prepare(repository, keys)) ?? ":1"}`;
    const then = await takeSnapshot(engine.socket);
    const gated = await pull(gate.socket, name);
    const left = added(then, await takeSnapshot(engine.socket));
    const alone = await pull(engine.socket, name, "", direct === "waits for ever" ? 3000 : 60_000);
    await restore(engine.socket, then);
    assert.deepEqual(
      { gated: isTaken(gated), left, alone: outcome(alone) },
      { gated: false, left: [], alone: direct },
      `${gated.status} ${gated.text.slice(-600)}\n${alone.status} ${alone.text.slice(-300)}`,
    );
    assert.match(gated.text, says);
  });
}

for (const { id, make } of honest) {
  test(`what is signed honestly by the same hands gets in: ${id}`, { skip }, async () => {
    const repository = registry.repository(id.toLowerCase());
    const then = await takeSnapshot(engine.socket);
    repository.push(image);
    await make(repository, keys);
    const reply = await pull(gate.socket, `${repository.name}:1`);
    await restore(engine.socket, then);
    assert.ok(isTaken(reply), reply.text);
  });
}

test("a signed image from the same registry gets in, and goes by its name", { skip }, async () => {
  const repository = registry.repository("good");
  const good = makeOciImage();
  repository.push(good);
  await repository.sign(keys.release, good.manifest);
  const then = await takeSnapshot(engine.socket);
  const reply = await pull(gate.socket, `${repository.name}:1`);
  assert.deepEqual(
    [isTaken(reply), added(then, await takeSnapshot(engine.socket))],
    [true, [`image:${good.config.digest}`, `tag:${repository.name}:1`]],
    reply.text,
  );
});

test("M14, M13: credentials go to the registry that they are for, and not where it sends us", { skip }, async () => {
  const repository = registry.repository("private");
  const own = makeOciImage();
  repository.push(own);
  await repository.sign(keys.release, own.manifest);
  const thief = await startHostileRegistry({ after: (work) => closers.push(work) });
  repository.misbehave = (request, response) => {
    if (request.headers.authorization !== undefined) return false;
    const realm = `Bearer realm="http://${thief.host}/v2/",service="x"`;
    response.writeHead(401, { "WWW-Authenticate": realm }).end();
    return true;
  };
  const auth = { username: "me", password: "secret", serveraddress: registry.host };
  const header = Buffer.from(JSON.stringify(auth)).toString("base64");
  const ask = (socket: string): Promise<Reply> =>
    request(socket, "POST", `/images/create?fromImage=${repository.name}&tag=1`, {
      headers: { "X-Registry-Auth": header },
    });
  const stolen = (): number => thief.requests.filter(({ authorization }) => authorization !== "").length;
  const gated = await ask(gate.socket);
  const byGate = stolen();
  registry.challenge = `Bearer realm="http://${thief.host}/v2/",service="x"`;
  await ask(engine.socket);
  registry.challenge = "";
  assert.deepEqual([isTaken(gated), byGate, stolen() > 0], [false, 0, true], gated.text);
});

test("M15, CVE-2014-5277: a registry that is not named as one without TLS is not spoken to without", {
  skip,
}, async () => {
  const plain = await startHostileRegistry({ after: (work) => closers.push(work) });
  const repository = plain.repository("app");
  repository.push(makeOciImage({ config: { author: "plain" } }));
  const name = `${repository.name}:1`;
  const gated = await pull(gate.socket, name);
  const alone = await pull(engine.socket, name);
  await request(engine.socket, "DELETE", `/images/${name}?force=1`);
  assert.deepEqual([isTaken(gated), outcome(alone)], [false, "takes it"], gated.text);
  assert.match(gated.text, /trust\/unreadable/);
});

test("M22: a name that only looks like another is no name", { skip }, async () => {
  const good = await pull(gate.socket, `${registry.host}/good:1`);
  const like = await pull(gate.socket, `${registry.host}/g\u043e\u043ed:1`);
  const tagged = await pull(gate.socket, `${registry.host}/good:sha256-${"a".repeat(64)}`);
  const user = await pull(gate.socket, `me@${registry.host}/good:1`);
  assert.deepEqual([good, like, tagged, user].map(isTaken), [true, false, false, false]);
});

test("a private registry is asked with the caller's credentials, and with nobody's when there are none", {
  skip,
}, async () => {
  const repository = registry.repository("members");
  const own = makeOciImage({ config: { author: "members" } });
  repository.push(own);
  await repository.sign(keys.release, own.manifest);
  const login = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  repository.misbehave = (request_, response) => {
    if (request_.headers.authorization === login) return false;
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="x"' }).end();
    return true;
  };
  const auth = { username: "me", password: "secret", serveraddress: registry.host };
  const header = Buffer.from(JSON.stringify(auth)).toString("base64");
  const path = `/images/create?fromImage=${repository.name}&tag=1`;
  const without = await request(gate.socket, "POST", path);
  registry.challenge = 'Basic realm="x"';
  const withThem = await request(gate.socket, "POST", path, { headers: { "X-Registry-Auth": header } });
  registry.challenge = "";
  assert.deepEqual([isTaken(without), isTaken(withThem)], [false, true], `${without.text} ${withThem.text}`);
});
