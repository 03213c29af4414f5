// What the watch sees of containers under the runtimes that Debian has, on control groups of both versions. docs/runtimes.md
// is written from what is asserted here.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SensorOptions } from "../../src/watch/open-sensor.ts";
import { openSensor } from "../../src/watch/open-sensor.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { makeTesterImage } from "../support/testers.ts";
import { playUnder, type RuntimeName, runtimeSettings, whyNoRuntime } from "../support/watch/runtimes.ts";
import { protect, WatchedEngine, whyNoSensor } from "../support/watched.ts";

const patience = { startTimeoutMs: 120_000 };

type Row = { readonly runtime: RuntimeName; readonly says: string; readonly cgroups?: "1" | "2" };

/** crun takes no host of both versions, and raises a limit on version 2 that only the guest lets it: test/vm/runtimes.test.ts. */
const rows: readonly Row[] = [
  { runtime: "runc", says: "control groups of both versions" },
  { runtime: "runc", says: "control groups of version 1", cgroups: "1" },
  { runtime: "runc", says: "control groups of version 2", cgroups: "2" },
  { runtime: "crun", says: "control groups of version 1", cgroups: "1" },
];

for (const { runtime, says, cgroups } of rows) {
  test(`under ${runtime}, on ${says}, everything is told and stopped`, { skip: whyNot(runtime) }, async (t) => {
    const engine = await startEngine({ ...patience, ...(cgroups ? { cgroups } : {}), settings: runtimeSettings });
    t.after(() => engine.close());
    await makeTesterImage(engine.socket);
    const found = await playUnder(runtime, engine, "block", hierarchyOf(cgroups));
    assert.deepEqual(found, [
      // A name is told, and is nothing that the kernel could stop.
      "LaunchPackageManagementProcessInContainer: detected",
      ...["bind: denied", "connect: denied", "drop-exec: killed", "host-path-write: killed"],
      ...["map-dropped-library: killed", "memfd-exec: killed", "memory-process-vm-readv: killed"],
      ...["mount: killed", "raw-socket: denied"],
    ]);
  });
}

test("under gVisor the sandbox is seen, and nothing that programs do in it", { skip: whyNot("runsc") }, async (t) => {
  const engine = await startEngine({ ...patience, cgroups: "1", settings: runtimeSettings });
  t.after(() => engine.close());
  await makeTesterImage(engine.socket);
  const sensor = await openSensor(hierarchyOf("1"));
  t.after(() => sensor.close({ keepEnforcing: false }));
  const watched = new WatchedEngine(engine.socket, sensor);
  const run = await watched.run({
    image: "tester:1",
    command: ["sh", "-c", "cp /testers/tester /new; /new ran; echo $?; id -u"],
    host: { Runtime: "runsc" },
    protection: protect({
      drift: "detect",
      memory: "block",
      escape: "detect",
      network: "block",
      "host-paths": "block",
    }),
  });
  const execs = run.events.filter(({ kind }) => kind === "exec").map(({ path }) => path);
  assert.deepEqual(
    {
      output: run.output.split("\n").slice(-3),
      sandbox: execs.includes("/usr/bin/runsc"),
      inside: execs.filter((path) => path !== "/usr/bin/runsc"),
      stopped: run.events.filter(({ verdict }) => verdict !== "seen"),
      // Its daily work, which a protection against escapes would stop.
      mounts: run.events.some(({ kind }) => kind === "mount"),
    },
    { output: ["42", "0", ""], sandbox: true, inside: [], stopped: [], mounts: true },
  );
});

for (const protection of ["drift", "escape"] as const) {
  test(`gVisor itself cannot start where ${protection} is blocked`, { skip: whyNot("runsc") }, async (t) => {
    const engine = await startEngine({ ...patience, cgroups: "1", settings: runtimeSettings });
    t.after(() => engine.close());
    await makeTesterImage(engine.socket);
    const sensor = await openSensor(hierarchyOf("1"));
    t.after(() => sensor.close({ keepEnforcing: false }));
    const watched = new WatchedEngine(engine.socket, sensor);
    const host = { Runtime: "runsc" };
    const id = await watched.create({
      command: ["true"],
      image: "tester:1",
      host,
      protection: protect({ [protection]: "block" }),
    });
    await assert.rejects(watched.start(id), /OCI runtime create failed/);
  });
}

function whyNot(runtime: RuntimeName): string | false {
  return whyNoEngine() ?? whyNoSensor() ?? whyNoRuntime(runtime) ?? false;
}

/** An engine that sees version 1 alone makes no groups of version 2. */
function hierarchyOf(cgroups: "1" | "2" | undefined): SensorOptions {
  return cgroups === "1" ? { hierarchy: "pids" } : {};
}
