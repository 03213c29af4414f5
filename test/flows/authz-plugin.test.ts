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
permit (principal == User::"anonymous:", action == Action::"grant", resource == Grant::"owner.any");

@id("nameless-callers-share-unowned")
permit (principal == User::"anonymous:", action == Action::"grant", resource == Grant::"owner.unowned");
`;

let engine: TestEngine;
let gate: TestGate;
let bench: Bench;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  const { socket } = engine;
  const sockets = { attacker: socket, victim: socket, operator: socket };
  bench = { ...(await startBench(engine, sockets, 0)), findsLeft: true };
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
      { name: "docker", unix: "$FOLDER/docker.sock", mode: "enforce" },
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
  await runOrdinary(engine.socket);
});

test("Plimsoll's own socket and the engine's question are two locks that open for the same call", {
  skip,
}, async () => {
  const own = join(gate.folder, "docker.sock");
  await runOrdinary(own);
  const sinceMs = Date.now();
  const listed = await request(own, "GET", "/containers/json?all=1");
  const asked = (await gate.recorded(sinceMs)).map(({ listener, action }) => `${listener} ${action}`);
  assert.deepEqual([listed.status, asked], [200, ["docker container.list"]]);
});

async function runOrdinary(socket: string): Promise<void> {
  const created = await request(socket, "POST", "/v1.41/containers/create", {
    body: { Image: "bb:1", Cmd: ["true"] },
  });
  assert.equal(created.status, 201, created.text);
  const id = textAt(created.json, "Id");
  const started = await request(socket, "POST", `/containers/${id}/start`);
  const removed = await request(socket, "DELETE", `/containers/${id}?force=1`);
  assert.deepEqual([started.status, removed.status], [204, 204], `${started.text} ${removed.text}`);
}

for (const attack of loadAttacks("authz")) {
  test(`${attack.id} ${attack.title}: refused by the plugin`, { skip }, async () => {
    const sinceMs = Date.now();
    const outcome = await runAttack(attack, bench);
    const { baseline } = attack;
    const denied = (await gate.recorded(sinceMs)).filter(({ verdict }) => verdict === "deny");
    const onRecord = denied.flatMap(({ rules }) => rules.map(({ id }) => id));
    const wanted = "denied" in baseline ? baseline.denied.filter((rule) => onRecord.includes(rule)) : [];
    const told = [...outcome.remarks, ...outcome.replies.map(({ summary }) => oneLine(summary))].join("\n");
    assert.deepEqual(
      {
        worked: outcome.worked,
        isExplained: outcome.rules.some((rule) => onRecord.includes(rule)),
        isRefusedByRule: wanted.length > 0,
        left: outcome.left,
      },
      { worked: false, isExplained: true, isRefusedByRule: true, left: [] },
      `${told}\n${onRecord}`,
    );
  });
}
