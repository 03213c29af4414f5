// The OCI runtimes that Debian 12 has, and the few attacks that show what each of them leaves the watch to see.

import { accessSync, constants } from "node:fs";
import type { ProtectionLevel } from "../../../src/model/watch.ts";
import type { SensorOptions } from "../../../src/watch/open-sensor.ts";
import type { TestEngine } from "../engine.ts";
import { loadWatchAttacks, type WatchAttack } from "./attack-table.ts";
import { playWatched } from "./columns.ts";

export type RuntimeName = "runc" | "crun" | "runsc";

const programs: Readonly<Record<RuntimeName, string>> = {
  runc: "/usr/sbin/runc",
  crun: "/usr/bin/crun",
  runsc: "/usr/bin/runsc",
};

/** For Docker's daemon.json. gVisor without the machine's virtualisation, and with the container's own network alone. */
export const runtimeSettings = {
  runtimes: {
    crun: { path: programs.crun },
    runsc: { path: programs.runsc, runtimeArgs: ["--platform=ptrace", "--network=none"] },
  },
};

export function whyNoRuntime(name: RuntimeName): string | undefined {
  try {
    accessSync(programs[name], constants.X_OK);
    return undefined;
  } catch {
    return `needs the program ${programs[name]} (Debian packages: scripts/packages/test.txt)`;
  }
}

/** One for each protection that the kernel itself looks after, and one that only a rule knows. */
const shown: readonly string[] = [
  ...["drop-exec", "memfd-exec", "map-dropped-library", "connect", "bind", "raw-socket"],
  ...["host-path-write", "mount", "memory-process-vm-readv", "LaunchPackageManagementProcessInContainer"],
];

/** @returns `ATTACK: OUTCOME`, sorted */
export async function playUnder(
  runtime: RuntimeName,
  engine: TestEngine,
  level: ProtectionLevel,
  options: SensorOptions = {},
): Promise<readonly string[]> {
  const attacks = loadWatchAttacks()
    .filter(({ name }) => shown.includes(name))
    .map((attack) => under(runtime, attack));
  const cells = await playWatched(engine, attacks, level, options);
  return cells.map(({ attack, outcome }) => `${attack}: ${outcome}`).sort();
}

function under(runtime: RuntimeName, attack: WatchAttack): WatchAttack {
  const { setup } = attack;
  return { ...attack, setup: { ...setup, hostConfig: { ...setup.hostConfig, Runtime: runtime } } };
}
