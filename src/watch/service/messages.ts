// What the daemon and the watch process say to each other: plain JSON over the pipe between them, which nobody else can
// write to. Events stay in the watch process; only alerts, numbers and answers leave it.

import type { ErrorCode } from "../../base/errors.ts";
import type {
  Alert,
  ContainerProtection,
  ProtectionReport,
  SensorCounters,
  TierReport,
  WatchedContainer,
} from "../../model/watch.ts";
import type { WhatRuns } from "../gap/what-runs.ts";
import type { MalwareCounters } from "../malware/malware-watch.ts";
import type { MalwareLimits } from "../malware/messages.ts";

export type WatchSettings = {
  /** Nobody watched since then, in milliseconds since 1970. */
  readonly unwatchedSinceMs?: number;
  /** Subscribers connect here; made with mode 0600. */
  readonly socketPath: string;
  readonly engineSocket: string;
  /** Go with every question to the engine. */
  readonly engineHeaders: Readonly<Record<string, string>>;
  /** Files and folders of rules, those that ship among them. */
  readonly ruleFiles: readonly string[];
  /** Rules that are switched off count too. */
  readonly withAllRules: boolean;
  /** Of containers that were started around the gate. */
  readonly unknown: ContainerProtection;
  /** Who is asked for names in allow-lists; absent or empty: the resolver of this host. */
  readonly nameServers?: readonly string[];
  /** Where what is enforced is held when no process watches; "" for nowhere. */
  readonly pinFolder: string;
  /** Compiled code between two starts; "" for none. */
  readonly codeFolder: string;
  /** What quarantine keeps. */
  readonly evidenceFolder: string;
  readonly evidenceMaxBytes: number;
  /** Absent: nobody looks for malware. */
  readonly malware?: MalwareSettings;
};

export type MalwareSettings = MalwareLimits & {
  /** Files with YARA rules and hash lists of the user: those that images are scanned with. */
  readonly ruleFiles: readonly string[];
  /** "" for none. */
  readonly clamdSocket: string;
};

export type ToWatch =
  | { readonly kind: "settings"; readonly settings: WatchSettings }
  | {
      readonly kind: "protect";
      /** Comes back with the answer. */
      readonly number: number;
      readonly container: WatchedContainer;
      readonly protection: ContainerProtection;
    }
  /** Of containers that were started around the gate, from now on. */
  | { readonly kind: "unknown"; readonly protection: ContainerProtection }
  | { readonly kind: "forget"; readonly containerId: string }
  /** Reads the rules again. */
  | { readonly kind: "reload"; readonly number: number }
  | { readonly kind: "stop"; readonly keepEnforcing: boolean };

export type FromWatch =
  | {
      readonly kind: "ready";
      readonly tiers: readonly TierReport[];
      readonly protections: readonly ProtectionReport[];
      readonly rules: number;
      /** What runs in containers, when somebody wants to know what began since a time. */
      readonly running?: WhatRuns;
    }
  /** Ids of the containers that run, whenever they are others than before. */
  | { readonly kind: "running"; readonly containers: readonly string[] }
  /** It cannot work here, and trying again would not help. */
  | { readonly kind: "failed"; readonly code: ErrorCode | ""; readonly what: string; readonly hint: string }
  | { readonly kind: "done"; readonly number: number; readonly problem: string }
  | { readonly kind: "alert"; readonly alert: Alert }
  /** What was done about an alert that was told before. */
  | { readonly kind: "responded"; readonly alertId: string; readonly responses: readonly string[] }
  | { readonly kind: "counters"; readonly counters: WatchCounters }
  | { readonly kind: "notice"; readonly text: string };

export type WatchCounters = SensorCounters & {
  /** Alerts that were held back because there were too many like them. */
  readonly heldBack: number;
  readonly processes: number;
  readonly memoryBytes: number;
  /** Of malware at run time; absent where nobody looks for it. */
  readonly malware?: MalwareCounters;
};
