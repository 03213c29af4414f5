// BuildKit talks to the engine in a tunnel of its own: shut for everybody, with the remedy, until a policy grants it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CliRow, CliStep } from "../support/cli-row.ts";
import { findDockerCli, runRow } from "../support/cli-runner.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";

const cli = await findDockerCli();
const skip = whyNoEngine() ?? ("why" in cli ? cli.why : false);
let engine: TestEngine;

before(async () => {
  if (skip === false) engine = await startEngine();
});
after(async () => {
  await engine?.close();
});

const grant = `@id("builders")
permit (principal, action == Action::"grant", resource == Grant::"build.unrestricted");
`;

/** `docker build` with BuildKit, of a context that needs no other image. */
function build(expected: Pick<CliStep, "codes" | "says">): CliRow {
  const step: CliStep = {
    command: ["docker", "build", "--progress=plain", "-t", "kit:1", "."],
    environment: { DOCKER_BUILDKIT: "1" },
    isSorted: false,
    isLoose: true,
    ...expected,
  };
  return {
    group: "build",
    name: "BuildKit",
    files: { Dockerfile: "FROM scratch\nCOPY f /f\n", f: "hi\n" },
    steps: [step],
    not: {},
  };
}

test("a BuildKit build is refused, and on record", { skip }, async () => {
  if ("why" in cli) return;
  const gate = await startGate(engine, { policies: ["baseline"] });
  try {
    // buildx takes the refusal for an old engine and tries a builder in a privileged container, which is refused as well.
    await runRow(build({ codes: [1], says: [/failed to build/] }), gate.socket, cli);
    const refused = (await gate.recorded()).filter(({ action }) => action === "system.grpc");
    assert.deepEqual(
      [...new Set(refused.map(({ verdict, rules, reason }) => `${verdict} ${rules[0]?.id} ${reason.length > 0}`))],
      ["deny invariant/buildkit true"],
    );
  } finally {
    await gate.close();
  }
});

test("with the grant build.unrestricted a BuildKit build runs through the gate", { skip }, async () => {
  if ("why" in cli) return;
  const gate = await startGate(engine, {
    policies: ["baseline", "$FOLDER/grant.cedar"],
    files: { "grant.cedar": grant },
  });
  try {
    await runRow(build({ codes: [0], says: [/naming to docker\.io\/library\/kit:1 done/] }), gate.socket, cli);
    const actions = new Set((await gate.recorded()).map((record) => record.action));
    assert.ok(actions.has("system.session") && actions.has("system.grpc"), [...actions].join(" "));
  } finally {
    await gate.close();
  }
});
