// What profiles demand of the watch: of several, the strictest level of each protection, and the last list of peers.

import type { Profile, WatchDemands } from "../model/profile.ts";
import { type Protection, type ProtectionLevel, protections } from "../model/watch.ts";

const order: readonly ProtectionLevel[] = ["off", "detect", "block"];

export function watchDemands(profiles: readonly Profile[]): WatchDemands {
  const levels = protections.flatMap((protection) => {
    const level = strictest(profiles.map((profile) => profile.protections?.[protection]));
    return level === undefined ? [] : [[protection, level] as const];
  });
  const connect = profiles.findLast((profile) => profile.connect !== undefined)?.connect;
  const bind = profiles.findLast((profile) => profile.bind !== undefined)?.bind;
  return {
    levels: new Map(levels),
    ...(connect === undefined ? {} : { connect }),
    ...(bind === undefined ? {} : { bind }),
  };
}

/** @returns the levels with none of them lower than demanded */
export function withDemands(
  levels: Readonly<Record<Protection, ProtectionLevel>>,
  demands: WatchDemands["levels"],
): Readonly<Record<Protection, ProtectionLevel>> {
  const raised = { ...levels };
  for (const [protection, level] of demands) raised[protection] = strictest([levels[protection], level]) ?? level;
  return raised;
}

function strictest(levels: readonly (ProtectionLevel | undefined)[]): ProtectionLevel | undefined {
  return order.findLast((level) => levels.includes(level));
}
