// The docker 28 CLI does through the gate what it does straight at the engine: same exit codes, same output.
// The rows are data: test/fixtures/docker-cli/README.md.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readCliRows } from "../support/cli-row.ts";
import { type DockerCli, findDockerCli, runRow } from "../support/cli-runner.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { makeImage } from "../support/images.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { restore, type Snapshot, takeSnapshot } from "../support/snapshot.ts";
import { startTenant, type Tenant } from "../support/tenants.ts";

const cli = await findDockerCli();
const skip = whyNoEngine() ?? ("why" in cli ? cli.why : false);

let engine: TestEngine;
let gate: TestGate;
let registry: TestRegistry;
let user: Tenant;
let clean: Snapshot;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ network: true });
  gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/registry.cedar"],
    files: { "registry.cedar": grantRegistry },
  });
  registry = await startRegistry(engine);
  // An ordinary user: root would see and touch everything.
  user = await startTenant(gate.socket, { uid: 4242 });
  await makeImage(user.socket);
  clean = await takeSnapshot(engine.socket);
});

after(async () => {
  await registry?.close();
  await user?.close();
  await gate?.close();
  await engine?.close();
});

/** Registries on loopback are for those who hold a grant. */
const grantRegistry = `@id("registry-of-the-test")
permit (principal, action == Action::"grant", resource == Grant::"registry.private");
`;

for (const row of readCliRows()) {
  test(`${row.group}: ${row.name}`, { skip }, async () => {
    const direct = await outcome(engine.socket, cli);
    const gated = await outcome(user.socket, cli);
    assert.deepEqual(gated, direct);
  });

  async function outcome(socket: string, program: DockerCli | { readonly why: string }): Promise<unknown> {
    if ("why" in program) throw new Error(program.why);
    try {
      return await runRow(row, socket, program);
    } finally {
      await restore(engine.socket, clean);
    }
  }
}

test("at least 60 commands of the CLI are tried", () => {
  const commands = readCliRows().flatMap((row) => row.steps.filter((step) => step.command[0] === "docker"));
  assert.ok(commands.length >= 60, `${commands.length} commands`);
});
