// Short-lived control groups by the thousand, made by the tester program without an engine.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { findHierarchy, type V1Controller } from "../../../src/watch/containers/hierarchy.ts";
import { buildTester } from "../testers.ts";

export type Storm = {
  /** Where containers' groups are made. */
  readonly folder: string;
  /** Runs one program in a group of its own for each name. @throws Error when one did not run */
  readonly run: (names: readonly string[]) => Promise<void>;
  readonly close: () => void;
};

/** 64 hex, as engines name containers. */
export function containerNames(count: number): readonly string[] {
  return Array.from({ length: count }, () => randomBytes(32).toString("hex"));
}

export async function prepareStorm(hierarchy?: V1Controller | "2"): Promise<Storm> {
  const program = await buildTester();
  const folder = join(findHierarchy(hierarchy).folder, `plimsoll-storm-${process.pid}`);
  mkdirSync(folder);
  return {
    folder,
    async run(names) {
      const child = spawn(program, ["storm", folder], { stdio: ["pipe", "inherit", "inherit"] });
      child.stdin.end(names.map((name) => `${name}\n`).join(""));
      const [code] = await once(child, "exit");
      if (code !== 0) throw new Error(`the storm ended with ${code}`);
    },
    close: () => rmdirSync(folder),
  };
}
