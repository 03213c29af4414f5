// What `plimsoll doctor` does.

import { hostname, release } from "node:os";
import { unownedPins } from "../../watch/service/pin-folder.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { findDoors } from "./find-doors.ts";
import { findHoles, readDebianPackages } from "./find-holes.ts";
import { kernelFeatures } from "./kernel-features.ts";
import { pluginStates } from "./plugin-states.ts";
import { type DoctorReport, isOpenDoor, openHoles } from "./report.ts";
import { showReport } from "./show-report.ts";
import { trustState } from "./trust-state.ts";

export async function runDoctor(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const report = await examine(context);
  context.stdout.write(
    input.flag("json") ? `${JSON.stringify(report, undefined, 2)}\n` : showReport(report, context.stdout),
  );
  if (report.doors.some(isOpenDoor) || openHoles(report).length > 0) return 1;
  return report.unknown.length > 0 ? 3 : 0;
}

async function examine({ environment }: CommandContext): Promise<DoctorReport> {
  const isRoot = process.getuid?.() === 0;
  const { doors, versions, unknown } = await findDoors(environment);
  const packages = readDebianPackages();
  return {
    host: { name: hostname(), kernel: release(), isRoot },
    doors,
    holes: versions.flatMap((version) => findHoles(version, packages)),
    kernel: kernelFeatures(),
    plugins: pluginStates({ platform: process.platform, isRoot, path: environment["PATH"] ?? "" }),
    trust: trustState(environment, isRoot),
    ...findLeftovers(unknown),
  };
}

function findLeftovers(unknown: readonly string[]): Pick<DoctorReport, "leftovers" | "unknown"> {
  try {
    return { leftovers: unownedPins(), unknown };
  } catch {
    return {
      leftovers: [],
      unknown: [...unknown, "what an earlier watch left in the kernel: only root may look there"],
    };
  }
}
