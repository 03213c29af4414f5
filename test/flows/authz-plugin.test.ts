// Plimsoll as the engine's authorization plugin: a second lock for those who reach the engine's own socket. What gets past
// other plugins (rows Z of the catalogue) is refused, and ordinary use goes on.

import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadAttacks } from "../support/attack.ts";
import { type Bench, oneLine, runAttack, startBench } from "../support/attack-runner.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;
const plugin = `plimsoll-test-${process.pid}`;
const specification = `/etc/docker/plugins/${plugin}.spec`;

/** On a unix socket the engine knows nobody's name, so nobody has an own object here: everything else of baseline holds. */
const nameless = `
@id("nameless-callers")
permit (principal == User::"anonymous:", action in [Action::"view", Action::"change"], resource);

@id("nameless-callers-share")
permit (principal == User::"anonymous:", action == Action::"grant", resource)
when { ["owner.any", "owner.unowned"].contains(resource.name) };
`;

let engine: TestEngine;
let gate: TestGate;
let bench: Bench;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  const { socket } = engine;
  bench = await startBench(engine, { attacker: socket, victim: socket, operator: socket }, 0);
  await mkdir("/etc/docker/plugins", { recursive: true });
  await writeFile(specification, `unix://${join(engine.folder, "authz.sock")}`);
  await engine.kill();
  await engine.start({ args: [`--authorization-plugin=${plugin}`], until: "listens" });
  gate = await startGate(engine, {
    listeners: [
      {
        name: "plugin",
        "authz-plugin": join(engine.folder, "authz.sock"),
        mode: "enforce",
        policies: ["baseline", "$FOLDER/nameless.cedar"],
      },
    ],
    files: { "nameless.cedar": nameless },
  });
});

after(async () => {
  await gate?.close();
  await bench?.probe.close();
  await engine?.close();
  await rm(specification, { force: true });
});

test("an ordinary container runs on an engine that asks Plimsoll", { skip }, async () => {
  const created = await request(engine.socket, "POST", "/v1.41/containers/create", {
    body: { Image: "bb:1", Cmd: ["true"] },
  });
  assert.equal(created.status, 201, created.text);
  const id = textAt(created.json, "Id");
  const started = await request(engine.socket, "POST", `/containers/${id}/start`);
  const removed = await request(engine.socket, "DELETE", `/containers/${id}?force=1`);
  assert.deepEqual([started.status, removed.status], [204, 204], `${started.text} ${removed.text}`);
});

for (const attack of loadAttacks("authz")) {
  test(`${attack.id} ${attack.title}: refused by the plugin`, { skip }, async () => {
    const outcome = await runAttack(attack, bench);
    const { baseline } = attack;
    const wanted = "denied" in baseline ? outcome.rules.filter((rule) => baseline.denied.includes(rule)) : [];
    const told = [...outcome.remarks, ...outcome.replies.map(({ summary }) => oneLine(summary))].join("\n");
    assert.deepEqual(
      { worked: outcome.worked, isRefusedByRule: wanted.length > 0, left: outcome.left },
      { worked: false, isRefusedByRule: true, left: [] },
      told,
    );
  });
}
