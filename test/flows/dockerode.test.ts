// dockerode, the Docker client that most Node programs use, gets the same answers through the gate as from the engine.
// test/fixtures/dockerode/SOURCE tells why these calls are ours.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { fetchNpmPackage } from "../support/foreign.ts";
import { startGate } from "../support/gate.ts";
import { makeImage } from "../support/images.ts";
import { at, listAt } from "../support/json.ts";
import { startTenant } from "../support/tenants.ts";

const dockerode = await fetchNpmPackage("dockerode", "5.0.1");
const skip = whyNoEngine() ?? ("why" in dockerode ? dockerode.why : false);
const program = join(import.meta.dirname, "../fixtures/dockerode/calls.mjs");

test("dockerode has the same outcomes direct and gated, and all of them are good", { skip }, async (t) => {
  const engine = await startEngine({ network: true });
  t.after(engine.close);
  const gate = await startGate(engine);
  t.after(gate.close);
  const user = await startTenant(gate.socket, { uid: 4242 });
  t.after(user.close);
  await makeImage(user.socket);
  const direct = await outcomes(engine.socket);
  const gated = await outcomes(user.socket);
  assert.deepEqual(gated, direct);
  const failed = listAt(direct).filter((outcome) => at(outcome, "failed") !== undefined);
  assert.deepEqual({ failed, enough: listAt(direct).length >= 30 }, { failed: [], enough: true });
});

async function outcomes(socket: string): Promise<unknown> {
  if ("why" in dockerode) throw new Error(dockerode.why);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, dockerode.folder, socket], { timeout: 300_000 });
  return JSON.parse(stdout);
}
