// The whole table: every attack that may be played here, once for each level. Levels differ in nothing but what the sensor
// is told of the container before it starts.

import { join } from "node:path";
import {
  type ContainerProtection,
  type Protection,
  type ProtectionLevel,
  protections,
  type Sensor,
} from "../../../src/model/watch.ts";
import { openSensor, type SensorOptions } from "../../../src/watch/open-sensor.ts";
import type { TestEngine } from "../engine.ts";
import { bySetup, here, type Setup, type WatchAttack } from "./attack-table.ts";
import { type Cell, gradeCell } from "./grade.ts";
import { type MalwareBeside, openMalwareBeside } from "./malware-beside.ts";
import { playAttacks } from "./play.ts";
import { startWitness, type Witness } from "./witness.ts";

export const levels: readonly ProtectionLevel[] = ["off", "detect", "block"];

/** Without a sensor: nobody watches. */
export async function playUnwatched(engine: TestEngine, attacks: readonly WatchAttack[]): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const group of bySetup(attacks, here).values()) {
    const [{ setup } = never()] = group;
    const played = await playAttacks({ engine, setup, attacks: group });
    cells.push(...group.map((attack) => gradeCell(attack, "off", played, [])));
  }
  return cells;
}

export async function playWatched(
  engine: TestEngine,
  attacks: readonly WatchAttack[],
  level: ProtectionLevel,
  options: SensorOptions = {},
): Promise<readonly Cell[]> {
  const groups = bySetup(attacks, here);
  const sensor = await openSensor(options);
  const own = new Map<string, ContainerProtection["levels"]>();
  const levelsOf = (id: string): ContainerProtection["levels"] => own.get(id) ?? allLevels("off");
  const witness = startWitness({ sensor, levels: allLevels(level), levelsOf, withDisabled: true });
  const malware = [...groups.values()].some(([first]) => first?.setup.protection === "malware")
    ? await openMalwareBeside({
        sensor,
        levelOf: (id) => levelsOf(id).malware,
        tell: witness.see,
        ...(here === "guest" ? { timeoutMs: 120_000 } : {}),
      })
    : undefined;
  try {
    const cells: Cell[] = [];
    for (const group of groups.values()) {
      cells.push(...(await playGroup({ engine, sensor, witness, malware, own, level }, group)));
    }
    return cells;
  } finally {
    await malware?.close();
    await sensor.close({ keepEnforcing: false });
  }
}

type Watched = {
  readonly engine: TestEngine;
  readonly sensor: Sensor;
  readonly witness: Witness;
  readonly malware: MalwareBeside | undefined;
  /** By container. */
  readonly own: Map<string, ContainerProtection["levels"]>;
  readonly level: ProtectionLevel;
};

async function playGroup(watched: Watched, group: readonly WatchAttack[]): Promise<readonly Cell[]> {
  const { engine, sensor, witness, malware, own, level } = watched;
  const [{ setup } = never()] = group;
  const played = await playAttacks({
    ...{ engine, setup, attacks: group },
    beforeStart(containerId, scratch) {
      const whole = protection(level, scratch);
      const levels = levelsIn(setup, level);
      own.set(containerId, levels);
      sensor.protect(containerId, { ...whole, levels });
    },
  });
  await witness.settled(played.containerId);
  await malware?.settled();
  sensor.forget(played.containerId);
  const told = witness.of(played.containerId);
  return group.map((attack) => gradeCell(attack, level, played, told));
}

/** What containers of the table may do; attacks go elsewhere. */
export function protection(level: ProtectionLevel, scratch: string): ContainerProtection {
  return {
    levels: allLevels(level),
    connect: [{ to: "127.0.0.1/32", port: 0 }],
    bind: [
      { to: "0.0.0.0/0", port: 8080 },
      { to: "127.0.0.1/32", port: 0 },
    ],
    protectedPaths: ["protected", "program", "engine.sock"].map((name) => join(scratch, name)),
  };
}

/** Malware is looked for where a row is about it: it takes a processor that others are timed on. */
function levelsIn({ protection: only }: Setup, level: ProtectionLevel): ContainerProtection["levels"] {
  if (only !== undefined) return { ...allLevels("off"), [only]: level };
  return { ...allLevels(level), malware: "off" };
}

function allLevels(level: ProtectionLevel): ContainerProtection["levels"] {
  const all = Object.fromEntries(protections.map((name) => [name, level]));
  const isWhole = (found: object): found is Record<Protection, ProtectionLevel> =>
    protections.every((name) => name in found);
  if (!isWhole(all)) throw new Error("a protection without a level");
  return all;
}

function never(): never {
  throw new Error("a group without attacks");
}
