// Engine plugins before Docker 28, which can be asked for a digest: installed, upgraded and started is what somebody vouches for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPair, pemOf } from "../judges/scene.ts";
import { whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";
import { startHostileRegistry } from "../support/hostile-registry.ts";
import { type Reply, request } from "../support/http.ts";
import { at } from "../support/json.ts";
import { makePlugin, pluginPrivileges, pushPlugin } from "../support/made-plugin.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { enterOwnNetwork } from "../support/own-network.ts";
import { labPolicy } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
if (skip === false) enterOwnNetwork();

const isTaken = ({ status, text }: Reply): boolean => status < 300 && !text.includes('"errorDetail"');
const grants = `@id("plugins") permit (principal, action == Action::"grant", resource == Grant::"engine.plugins");\n`;

test("Docker 28 installs a plugin that is signed, by the digest that was judged, and no other", { skip }, async (t) => {
  const engine = await startNewerEngine("docker", ["--bridge=none", "--iptables=false", "--ip6tables=false"], {
    sharesNetwork: true,
  });
  if ("why" in engine) return t.skip(engine.why);
  t.after(engine.close);
  const registry = await startHostileRegistry({ after: (work) => t.after(work) });
  const repository = registry.repository("plugin");
  const release = newPair();
  const [good, bad, newer] = [makePlugin("good"), makePlugin("bad"), makePlugin("newer")];
  pushPlugin(repository, good, "1");
  pushPlugin(repository, bad, "2");
  pushPlugin(repository, newer, "3");
  for (const { manifest } of [good, newer]) await repository.sign(release, manifest);
  const rules = [{ scope: `${registry.host}/*`, require: { anyOf: ["release"] } }];
  const trust = { version: "1", signers: { release: { key: pemOf(release) } }, rules };
  const gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/lab.cedar"],
    files: { "lab.cedar": `${labPolicy}${grants}`, "trust.yaml": JSON.stringify(trust) },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [registry.host] },
    },
  });
  t.after(gate.close);
  const ask = (socket: string, path: string, tag: string): Promise<Reply> =>
    request(socket, "POST", `/plugins/${path}remote=${encodeURIComponent(`${repository.name}:${tag}`)}`, {
      body: pluginPrivileges,
      timeoutMs: 60_000,
    });
  const has = async (name: string): Promise<unknown> =>
    at((await request(engine.socket, "GET", `/plugins/${name}/json`)).json, "PluginReference");
  const enable = (name: string): Promise<Reply> => request(gate.socket, "POST", `/plugins/${name}/enable?timeout=1`);

  // The tag moves as soon as it was asked for: what was judged is what is installed.
  repository.misbehave = (_request, _response, place) => {
    if (place.startsWith("manifests/sha256-")) pushPlugin(repository, bad, "1");
    return false;
  };
  const installed = await ask(gate.socket, "pull?name=mine:1&", "1");
  repository.misbehave = () => false;
  const refused = await ask(gate.socket, "pull?name=other:1&", "2");
  const moved = await ask(gate.socket, "pull?name=other:1&", "1");
  assert.deepEqual(
    [isTaken(installed), await has("mine:1"), isTaken(refused), isTaken(moved), await has("other:1")],
    [true, `${repository.name}@${good.manifest.digest}`, false, false, undefined],
    `${installed.text} ${refused.text}`,
  );
  assert.match(refused.text, /nobody signed it; needs a signature by release/);

  const down = await ask(gate.socket, "mine:1/upgrade?", "2");
  const up = await ask(gate.socket, "mine:1/upgrade?", "3");
  assert.deepEqual(
    [isTaken(down), isTaken(up), await has("mine:1")],
    [false, true, `${repository.name}@${newer.manifest.digest}`],
    `${down.text} ${up.text}`,
  );

  // Around the gate, by a tag and by a digest that nobody signed.
  await ask(engine.socket, "pull?name=tagged:1&", "2");
  await ask(engine.socket, "pull?name=unsigned:1&", `2@${bad.manifest.digest}`);
  const [signed, tagged, unsigned] = [await enable("mine:1"), await enable("tagged:1"), await enable("unsigned:1")];
  assert.deepEqual([tagged.status, unsigned.status], [403, 403], `${tagged.text} ${unsigned.text}`);
  assert.match(tagged.text, /was pulled by its tag, so that nobody can say who signed what is installed/);
  assert.match(unsigned.text, /nobody signed it/);
  // It has no program that runs: the engine itself says so, and was asked.
  assert.notEqual(signed.status, 403, signed.text);
  return undefined;
});
