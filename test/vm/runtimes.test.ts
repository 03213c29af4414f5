// Played in the guest, whose control groups are of version 2 alone: the runtimes that Docker can start there.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestEngine } from "../support/engine.ts";
import { startPatientEngine } from "../support/guest/patient-engine.ts";
import { makeTesterImage } from "../support/testers.ts";
import { playUnder, runtimeSettings, whyNoRuntime } from "../support/watch/runtimes.ts";

let engine: TestEngine;

before(async () => {
  engine = await startPatientEngine({ settings: runtimeSettings });
  await makeTesterImage(engine.socket);
});
after(() => engine?.close());

for (const runtime of ["runc", "crun"] as const) {
  test(`under ${runtime} everything is told and refused`, { skip: whyNoRuntime(runtime) ?? false }, async () => {
    assert.deepEqual(await playUnder(runtime, engine, "block"), [
      // A name is told, and is nothing that the kernel could stop.
      "LaunchPackageManagementProcessInContainer: detected",
      ...["bind: denied", "connect: denied", "drop-exec: denied", "host-path-write: denied"],
      ...["map-dropped-library: denied", "memfd-exec: denied", "memory-process-vm-readv: denied"],
      ...["mount: denied", "raw-socket: denied"],
    ]);
  });
}
