// `plimsoll doctor`: who can reach which engine today, and what this host offers. Reads only.

import { hostname, release } from "node:os";
import type { Command, CommandContext, ExitCode } from "../command.ts";
import { findDoors } from "../doctor/find-doors.ts";
import { findHoles, readDebianPackages } from "../doctor/find-holes.ts";
import { kernelFeatures } from "../doctor/kernel-features.ts";
import { pluginStates } from "../doctor/plugin-states.ts";
import { type DoctorReport, isOpenDoor, openHoles } from "../doctor/report.ts";
import { showReport } from "../doctor/show-report.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "report who can reach the engine today, its known holes, and what this host offers",
  description: [
    "Reads only: files, process lists, and GET requests to the engines that it finds. As root it sees everything.",
    "Exits with 0 when there is nothing to do, with 1 when it found an open door or a hole, and with 3 when it found none but could not look everywhere.",
  ],
  options: { json: { kind: "flag", summary: "as JSON" } },
  examples: [
    { line: "sudo plimsoll doctor", does: "the whole report on one screen" },
    { line: "plimsoll doctor --json | jq '.doors[].users'", does: "who is root through an engine" },
  ],
  async run(context, input): Promise<ExitCode> {
    const report = await examine(context);
    context.stdout.write(
      input.flag("json") ? `${JSON.stringify(report, undefined, 2)}\n` : showReport(report, context.stdout),
    );
    if (report.doors.some(isOpenDoor) || openHoles(report).length > 0) return 1;
    return report.unknown.length > 0 ? 3 : 0;
  },
};

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
    unknown,
  };
}
