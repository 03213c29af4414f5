// Puts together what the pipeline works with, from a sensor and the settings.

import { printable } from "../base/printable.ts";
import type { EngineClient } from "../engine/engine.ts";
import type { Alert, ContainerProtection, KernelEvent, Sensor, WatchedContainer } from "../model/watch.ts";
import { type ActivityBook, createActivityBook } from "./alerts/activity.ts";
import { createFloodGuard, type FloodGuard } from "./alerts/flood-guard.ts";
import { createAnswering } from "./answering.ts";
import { createIncidentBook } from "./incidents/incident-book.ts";
import { createKnownContainers, type KnownContainers } from "./known-containers.ts";
import { createLastEvents } from "./last-events.ts";
import type { Heard } from "./network/named-permits.ts";
import { openNamedPermits } from "./network/open-named-permits.ts";
import { createProcessTree } from "./process-tree/process-tree.ts";
import { readDescriptor, readProcess } from "./process-tree/read-process.ts";
import { responses } from "./responses.generated.ts";
import type { RuleSet } from "./rules/rule-set.ts";
import { createListChanges } from "./streams/list-changes.ts";
import type { Levels, Watch } from "./watch.ts";

export type WatchParts = {
  readonly sensor: Sensor;
  readonly engine: EngineClient;
  readonly rules: RuleSet;
  readonly unknown: ContainerProtection;
  /** Who is asked for names in allow-lists; empty: the resolver of this host. */
  readonly nameServers: readonly string[];
  readonly evidenceFolder: string;
  readonly evidenceMaxBytes: number;
  fileOf?(event: KernelEvent): number | undefined;
  nowMs(): number;
  tell(alert: Alert): void;
  follow(alertId: string, responses: readonly string[]): void;
  notice(text: string): void;
};

export type BuiltWatch = {
  readonly watch: Watch;
  readonly containers: KnownContainers;
  readonly activity: ActivityBook;
  readonly flood: FloodGuard;
  /** Resolves when the kernel knows it. @throws PlimsollError of the kernel's maps */
  protect(container: WatchedContainer, protection: ContainerProtection): Promise<void>;
  forget(containerId: string): void;
  /** It asked for a name, or was told addresses for it. */
  heard(containerId: string, heard: Heard): void;
  replaceRules(rules: RuleSet): void;
  levelsOf(containerId: string): Levels;
};

const maxProcesses = 65_536;
const nameWaitMs = 1_000;
/** After so much silence, what a process tree does is another incident. */
const quietMs = 10 * 60_000;
/** Of one rule and one container. */
const alertsPerMinute = 6;
const alertBurst = 10;
const allOff: Levels = {
  ...{ drift: "off", memory: "off", escape: "off", "host-paths": "off", network: "off", malware: "off", mining: "off" },
};

export function buildWatch(parts: WatchParts): BuiltWatch {
  const { sensor, engine, nowMs, notice } = parts;
  const levels = new Map<string, Levels>();
  const containers = createKnownContainers({
    inspect: (id) => engine.get(`/containers/${encodeURIComponent(id)}/json`),
    waitMs: nameWaitMs,
  });
  const permits = openNamedPermits({
    ...{ engine, nameServers: parts.nameServers, notice, nowMs },
    ...{ apply: sensor.protect, release: sensor.release },
  });
  const lists = createListChanges({ ...{ sensor, notice }, stoodFor: permits.stoodFor });
  const activity = createActivityBook();
  const flood = createFloodGuard({ perMinute: alertsPerMinute, burst: alertBurst, nowMs });
  const last = createLastEvents();
  const judging = createJudging(notice);
  let { rules } = parts;
  const placeOf = (cgroupId: number) => sensor.containerOf(cgroupId);
  const levelsOf = (containerId: string): Levels => levels.get(containerId) ?? parts.unknown.levels;
  const watch: Watch = {
    containers: { of: (cgroupId) => containers.of(placeOf(cgroupId)) },
    processes: createProcessTree({
      lookUp: readProcess,
      groupOf: (cgroupId) => placeOf(cgroupId)?.topCgroupId ?? cgroupId,
      containerIdOf: (cgroupId) => placeOf(cgroupId)?.id ?? "",
      maxProcesses,
    }),
    get rules() {
      return rules;
    },
    activity: {
      count(event, container) {
        activity.count(event, container);
        if (container !== undefined) last.add(container.id, event);
        if (event.kind === "cgroup-gone") goneAfter(event, container);
      },
    },
    levelsOf: (container) => (container === undefined ? allOff : levelsOf(container.id)),
    judge: judging.judge,
    answer: createAnswering({
      incidents: createIncidentBook({ nowMs, quietMs }),
      ...{ flood, activity, containers, responses, placeOf, nowMs },
      tools: { ...parts, lastEvents: last.of },
      ...{ tell: parts.tell, follow: parts.follow },
    }),
    descriptorOf: readDescriptor,
  };
  /** Its id is never used again; what was said of it is not needed any more, but late events still are. */
  function goneAfter(event: KernelEvent, container: WatchedContainer | undefined): void {
    if (container === undefined || placeOf(event.cgroupId)?.topCgroupId !== event.cgroupId) return;
    last.forget(container.id);
  }
  return {
    ...{ watch, containers, activity, flood, levelsOf, heard: permits.heard },
    async protect(container, protection) {
      levels.set(container.id, protection.levels);
      containers.tell(container);
      await permits.protect(container.id, protection);
      lists.changed(container.id, protection);
    },
    forget(containerId) {
      levels.delete(containerId);
      lists.forget(containerId);
      containers.forget(containerId);
      permits.forget(containerId);
      sensor.forget(containerId);
    },
    replaceRules(next) {
      rules = next;
      judging.forgive();
    },
  };
}

type Judging = { readonly judge: Watch["judge"]; readonly forgive: () => void };

/** A rule that fails is told once and then left out, until rules are read anew. */
function createJudging(notice: (text: string) => void): Judging {
  const broken = new Set<string>();
  return {
    judge(rule, subject) {
      if (broken.size > 0 && broken.has(rule.name)) return false;
      try {
        return rule.judge(subject);
      } catch (thrown) {
        broken.add(rule.name);
        notice(`rule ${rule.name} failed and judges no more: ${printable(String(thrown), 300)}`);
        return false;
      }
    },
    forgive: () => broken.clear(),
  };
}
