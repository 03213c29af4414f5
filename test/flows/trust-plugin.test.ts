// A trust file behind the engine's own authorization plugin, which can only say yes or no: what is named by digest gets in, what is
// named by a tag would have to be replaced.

import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newPair, pemOf } from "../judges/scene.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type HostileRegistry, startHostileRegistry } from "../support/hostile-registry.ts";
import { archive, file } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { create, pull, runnableImage } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const plugin = `plimsoll-trust-${process.pid}`;
const specification = `/etc/docker/plugins/${plugin}.spec`;
const release = newPair();
const closers: (() => Promise<void>)[] = [];
let engine: TestEngine;
let gate: TestGate;
let registry: HostileRegistry;

/** On a unix socket the engine knows nobody's name. */
const nameless = ["owner.any", "owner.unowned", "registry.private", "build.unrestricted"]
  .map(
    (grant) =>
      `@id("${grant.replace(".", "-")}") permit (principal, action == Action::"grant", resource == Grant::"${grant}");`,
  )
  .join("\n");
const nobody = `@id("nobody") permit (principal == User::"anonymous:", action in [Action::"view", Action::"change"], resource);\n`;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ sharesNetwork: true });
  closers.push(engine.close);
  registry = await startHostileRegistry({ after: (work) => closers.push(work) });
  await mkdir("/etc/docker/plugins", { recursive: true });
  await writeFile(specification, `unix://${join(engine.folder, "authz.sock")}`);
  await engine.kill();
  await engine.start({ args: [`--authorization-plugin=${plugin}`], until: "listens" });
  const rules = [{ scope: `${registry.host}/*`, require: { anyOf: ["release"] } }];
  gate = await startGate(engine, {
    listeners: [
      {
        ...{ name: "plugin", "authz-plugin": join(engine.folder, "authz.sock"), mode: "enforce" },
        policies: ["baseline", "$FOLDER/nameless.cedar"],
      },
    ],
    files: {
      "nameless.cedar": `${nobody}${nameless}`,
      "trust.yaml": JSON.stringify({
        version: "1",
        signers: { release: { key: pemOf(release) } },
        rules,
        local: "allow",
      }),
    },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [registry.host] },
    },
  });
  closers.push(gate.close);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
  await rm(specification, { force: true });
});

const isTaken = ({ status, text }: Reply): boolean => status < 300 && !text.includes('"errorDetail"');

test("an engine that asks Plimsoll takes signed images by their digests, and nothing by a tag", { skip }, async () => {
  const repository = registry.repository("app");
  const [good, bad] = [await runnableImage("good"), await runnableImage("bad")];
  repository.push(bad, "2");
  repository.push(good);
  await repository.sign(release, good.manifest);
  const [tag, digest] = [`${repository.name}:1`, `${repository.name}@${good.manifest.digest}`];
  const build = await request(engine.socket, "POST", "/build?t=made:1", {
    body: archive(file("Dockerfile", `FROM ${digest}\n`)),
    headers: { "Content-Type": "application/x-tar" },
  });
  const rows: readonly (readonly [string, Reply, boolean])[] = [
    ["a tag that nobody signed", await pull(engine.socket, `${repository.name}:2`), false],
    ["a digest that nobody signed", await pull(engine.socket, `${repository.name}@${bad.manifest.digest}`), false],
    ["a tag whose image is signed", await pull(engine.socket, tag), false],
    ["a digest that is signed", await pull(engine.socket, digest), true],
    ["a container of it", await create(engine.socket, digest), true],
    ["a build, whose files a plugin never sees", build, false],
  ];
  assert.deepEqual(
    rows.map(([what, reply]) => [what, isTaken(reply)]),
    rows.map(([what, , isExpected]) => [what, isExpected]),
    rows.map(([what, { text }]) => `${what}: ${text.slice(-300)}`).join("\n"),
  );
});
