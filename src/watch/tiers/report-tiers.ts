// What this host reached, for people: facts of what was loaded and tried. "Block" stands only where the act itself does not
// happen, or where the caller is dead before it has anything of it.

import { existsSync } from "node:fs";
import type { Protection, ProtectionLevel, ProtectionReport, Tier, TierReport } from "../../model/watch.ts";
import type { NotAttached } from "../kernel/bpf-object.ts";
import type { Trial } from "./try-lsm.ts";

export type LoadedFacts = {
  readonly kind: "probes";
  readonly lsm: Trial;
  readonly failed: readonly NotAttached[];
  /** Whether there is a version 2 hierarchy for programs of control groups. */
  readonly hasUnified: boolean;
};

/** No program could be loaded into the kernel; what it tells of processes is all there is. */
export type ProcessEventsFacts = {
  readonly kind: "process-events";
  readonly reason: string;
  readonly remedy: string;
};

const ofSignal = ["on_exec", "on_sys_enter", "on_sys_exit"];
const ofCgroup = [
  "on_connect4",
  "on_connect6",
  "on_send4",
  "on_send6",
  "on_bind4",
  "on_bind6",
  "on_packet_out",
  "on_packet_in",
  "on_device",
  "on_setting",
];
const seccomp = "/proc/sys/kernel/seccomp/actions_avail";

export function reportTiers(facts: LoadedFacts | ProcessEventsFacts): readonly TierReport[] {
  const rungs = facts.kind === "probes" ? tiersOfProbes(facts) : tiersWithoutProbes(facts);
  const noSeccomp = existsSync(seccomp) ? "" : "the kernel has no seccomp";
  const [lsm, signal, cgroup, processEvents] = rungs;
  return [
    ...[lsm, signal, cgroup],
    tier("exec-permission", "only used where malware is looked for (watch.malware.enabled)", ""),
    tier("create-time", noSeccomp, "use a kernel with CONFIG_SECCOMP_FILTER"),
    processEvents,
  ];
}

type Rungs = readonly [lsm: TierReport, signal: TierReport, cgroup: TierReport, processEvents: TierReport];

function tiersWithoutProbes({ reason, remedy }: ProcessEventsFacts): Rungs {
  return [
    tier("lsm", reason, remedy),
    tier("signal", reason, remedy),
    tier("cgroup", reason, remedy),
    tier("process-events", "", ""),
  ];
}

function tiersOfProbes(facts: LoadedFacts): Rungs {
  const failedOf = (programs: readonly string[]): string =>
    facts.failed
      .filter(({ program }) => programs.includes(program))
      .map(({ program, reason }) => `${program}: ${reason}`)
      .join(", ");
  const noCgroups = facts.hasUnified ? failedOf(ofCgroup) : "no control group hierarchy of version 2 is mounted";
  return [
    tier(
      "lsm",
      facts.lsm.works ? "" : facts.lsm.reason,
      "use a kernel with CONFIG_BPF_LSM and add bpf to its lsm= list",
    ),
    tier("signal", failedOf(ofSignal), "use a kernel of version 5.15 or later"),
    tier("cgroup", noCgroups, "mount control groups of version 2: mount -t cgroup2 none /sys/fs/cgroup/unified"),
    tier("process-events", "not used: the probes see more", ""),
  ];
}

function tier(name: Tier, reason: string, remedy: string): TierReport {
  return { tier: name, works: reason === "", reason, remedy: reason === "" ? "" : remedy };
}

export function reportProtections(tiers: readonly TierReport[]): readonly ProtectionReport[] {
  const works = (name: Tier): boolean => tiers.some(({ tier: each, works: isUp }) => each === name && isUp);
  const up = (...names: readonly Tier[]): readonly Tier[] => names.filter(works);
  const best = (block: boolean, detect: boolean): ProtectionLevel => (block ? "block" : detect ? "detect" : "off");
  const signal = works("signal");
  const lsm = works("lsm");
  if (works("process-events")) return protectionsByEvents;
  const report = (
    protection: Protection,
    level: ProtectionLevel,
    by: readonly Tier[],
    reason: string,
  ): ProtectionReport => ({
    protection,
    best: level,
    by,
    reason,
  });
  return [
    report(
      "drift",
      best(lsm || signal, false),
      up("lsm", "signal"),
      lsm ? "" : "a new script is seen as its interpreter, and not stopped",
    ),
    report("memory", best(lsm || signal, false), up("lsm", "signal"), ""),
    report(
      "escape",
      best(lsm && signal, signal),
      up("lsm", "signal", "cgroup"),
      lsm ? "" : "a mount or a module stays although its caller is killed; all else is stopped",
    ),
    report(
      "host-paths",
      best(lsm, signal),
      up("lsm", "signal"),
      lsm ? "" : "what was changed below them stays changed although its caller is killed",
    ),
    report("network", best(works("cgroup"), false), up("cgroup"), works("cgroup") ? "" : "connections are not seen"),
    report("malware", "off", [], "nobody looks into files"),
    report("mining", best(false, signal), up("signal", "cgroup"), "signs of it are told by rules"),
  ];
}

/** Told a moment after it happened, and never stopped. */
const protectionsByEvents: readonly ProtectionReport[] = [
  byEvents("drift", "detect", "new programs are told after they began; libraries and scripts are not seen"),
  byEvents("memory", "detect", "who traces a process is told; other ways to its memory are not seen"),
  byEvents("escape", "off", "mounts, namespaces, modules and sockets are not seen"),
  byEvents("host-paths", "off", "files are not seen"),
  byEvents("network", "off", "connections are not seen"),
  byEvents("malware", "off", "nobody looks into files"),
  byEvents("mining", "detect", "by programs and their arguments alone: connections are not seen"),
];

function byEvents(protection: Protection, best: ProtectionLevel, reason: string): ProtectionReport {
  return { protection, best, by: best === "off" ? [] : ["process-events"], reason };
}
