// The docker 28 CLI does through the gate what it does straight at the engine: same exit codes, same output.
// The rows are data: test/fixtures/docker-cli/README.md.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type CliBench, startCliBench } from "../support/cli-bench.ts";
import { readCliRows } from "../support/cli-row.ts";
import { findDockerCli } from "../support/cli-runner.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";

const cli = await findDockerCli();
const skip = whyNoEngine() ?? ("why" in cli ? cli.why : false);
let bench: CliBench;

before(async () => {
  if (skip === false && !("why" in cli)) bench = await startCliBench(await startEngine({ network: true }), cli);
});
after(async () => {
  await bench?.close();
});

for (const row of readCliRows()) {
  test(`${row.group}: ${row.name}`, { skip }, async () => {
    const direct = await bench.direct(row);
    assert.deepEqual(await bench.gated(row), direct);
  });
}

test("at least 60 commands of the CLI are tried", () => {
  const commands = readCliRows().flatMap((row) => row.steps.filter((step) => step.command[0] === "docker"));
  assert.ok(commands.length >= 60, `${commands.length} commands`);
});
