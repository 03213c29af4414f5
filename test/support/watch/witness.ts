// What was told while attacks ran: events of the sensor by container, and the rules that they broke, judged by the pipeline
// that ships.

import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerPlace, KernelEvent, Sensor, WatchedContainer } from "../../../src/model/watch.ts";
import { handleEvent } from "../../../src/watch/pipeline.ts";
import { createProcessTree } from "../../../src/watch/process-tree/process-tree.ts";
import { readDescriptor, readProcess } from "../../../src/watch/process-tree/read-process.ts";
import { responses } from "../../../src/watch/responses.generated.ts";
import { loadRuleFiles, shippedRules } from "../../../src/watch/rules/load-rules.ts";
import type { WatchRule } from "../../../src/watch/rules/rule.ts";
import { buildRuleSet } from "../../../src/watch/rules/rule-set.ts";
import type { Subject } from "../../../src/watch/rules/subject.ts";
import type { Levels } from "../../../src/watch/watch.ts";

export type Told = {
  readonly event: KernelEvent;
  readonly containerId: string;
  /** Names of the rules that it broke. */
  readonly rules: readonly string[];
};

export interface Witness {
  /** In the order of their coming. */
  of(containerId: string): readonly Told[];
  /** Waits until the container's end was told, for ten seconds at most. */
  settled(containerId: string): Promise<void>;
  /** What was told beside the sensor. */
  see(event: KernelEvent): void;
}

export type WitnessOptions = {
  readonly sensor: Sensor;
  readonly levels: Levels;
  /** Of containers whose levels are others. */
  readonly levelsOf?: (containerId: string) => Levels;
  /** Rules that are switched off as they ship judge, too. */
  readonly withDisabled?: boolean;
  readonly onBroken?: (rule: WatchRule, subject: Subject) => void;
};

export function startWitness({ sensor, levels, levelsOf, withDisabled = false, onBroken }: WitnessOptions): Witness {
  const told: { readonly event: KernelEvent; readonly containerId: string; readonly rules: string[] }[] = [];
  const processes = createProcessTree({
    lookUp: readProcess,
    groupOf: (cgroupId) => sensor.containerOf(cgroupId)?.topCgroupId ?? cgroupId,
    containerIdOf: (cgroupId) => sensor.containerOf(cgroupId)?.id ?? "",
    maxProcesses: 65_536,
  });
  const files = loadRuleFiles([shippedRules]);
  const rules = buildRuleSet({ files, responses: responses.map(({ name }) => name), withDisabled });
  let current: string[] = [];
  const watch = {
    containers: { of: (cgroupId: number) => toContainer(sensor.containerOf(cgroupId)) },
    ...{ processes, rules },
    activity: { count: () => undefined },
    levelsOf: (container: WatchedContainer | undefined) => levelsOf?.(container?.id ?? "") ?? levels,
    judge: (rule: WatchRule, subject: Subject) => rule.judge(subject),
    answer: (rule: WatchRule, subject: Subject) => {
      current.push(rule.name);
      onBroken?.(rule, subject);
    },
    descriptorOf: readDescriptor,
  };
  const see = (event: KernelEvent): void => {
    const place = sensor.containerOf(event.cgroupId);
    if (place === undefined) return;
    current = [];
    handleEvent(event, watch);
    told.push({ event, containerId: place.id, rules: current });
  };
  sensor.onEvent(see);
  const of = (containerId: string): readonly Told[] => told.filter((each) => each.containerId === containerId);
  return {
    ...{ of, see },
    async settled(containerId) {
      for (let tries = 0; tries < 500; tries++) {
        if (of(containerId).some(({ event }) => event.kind === "cgroup-gone")) return;
        await sleep(20);
      }
    },
  };
}

function toContainer(place: ContainerPlace | undefined): WatchedContainer | undefined {
  if (place === undefined) return undefined;
  const { id, engine } = place;
  return { ...{ id, engine, name: id.slice(0, 12), image: "tester:1" }, imageId: "", owner: "", labels: {} };
}
