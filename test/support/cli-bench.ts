// An engine, a gate before it and a registry: the bench on which rows of docker CLI use run direct and gated.

import type { CliRow } from "./cli-row.ts";
import { type DockerCli, runRow, type StepOutcome } from "./cli-runner.ts";
import type { TestEngine } from "./engine.ts";
import { startGate, type TestGate } from "./gate.ts";
import { makeImage } from "./images.ts";
import { startRegistry } from "./registry.ts";
import { restore, takeSnapshot } from "./snapshot.ts";
import { startTenant } from "./tenants.ts";

export type CliBench = {
  readonly gate: TestGate;
  direct(row: CliRow): Promise<readonly StepOutcome[]>;
  gated(row: CliRow): Promise<readonly StepOutcome[]>;
  close(): Promise<void>;
};

/** Registries on loopback are for those who hold a grant. */
const grantRegistry = `@id("registry-of-the-test")
permit (principal, action == Action::"grant", resource == Grant::"registry.private");
`;

/** @param engine the bench closes it */
export async function startCliBench(engine: TestEngine, cli: DockerCli): Promise<CliBench> {
  const closers = [engine.close];
  const close = async (): Promise<void> => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const policies = ["baseline", "$FOLDER/registry.cedar"];
    const gate = await startGate(engine, { policies, files: { "registry.cedar": grantRegistry } });
    closers.push(gate.close);
    // An ordinary user: root would see and touch everything.
    const user = await startTenant(gate.socket, { uid: 4242 });
    closers.push(user.close);
    const registry = await startRegistry(engine);
    closers.push(registry.close);
    await makeImage(user.socket);
    const clean = await takeSnapshot(engine.socket);
    const outcome = async (socket: string, row: CliRow): Promise<readonly StepOutcome[]> => {
      try {
        return await runRow(row, socket, cli);
      } finally {
        await restore(engine.socket, clean);
      }
    };
    return { gate, direct: (row) => outcome(engine.socket, row), gated: (row) => outcome(user.socket, row), close };
  } catch (error) {
    await close();
    throw error;
  }
}
