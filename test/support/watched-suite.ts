// What tests of the sensor share: one engine with the tester image, one sensor that touches only what a test announces.

import { after, before } from "node:test";
import type { Sensor } from "../../src/model/watch.ts";
import { openSensor, type SensorOptions } from "../../src/watch/open-sensor.ts";
import { startEngine, type TestEngine, whyNoEngine } from "./engine.ts";
import { makeTesterImage, testerImage } from "./testers.ts";
import { type Run, type RunOptions, WatchedEngine, whyNoSensor } from "./watched.ts";

export type WatchedSuite = {
  readonly skip: string | false;
  readonly engine: () => TestEngine;
  readonly sensor: () => Sensor;
  readonly watched: () => WatchedEngine;
  /** Runs one act of the tester, with all that a container can be given. */
  readonly act: (words: readonly string[], options: Omit<RunOptions, "command" | "image">) => Promise<Act>;
};

export type Act = Run & { readonly ok: boolean; readonly errno: number; readonly detail: string };

/** More than anybody should give a container; Docker's own filter of system calls is off. */
export const generous: Readonly<Record<string, unknown>> = {
  CapAdd: ["SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "NET_RAW", "DAC_READ_SEARCH", "MKNOD"],
  MaskedPaths: [],
  ReadonlyPaths: [],
  SecurityOpt: ["seccomp=unconfined"],
  Tmpfs: { "/dev/shm": "exec" },
  PidMode: "host",
};

/** @param prepare what else has to be there before the first test */
export function watchedSuite(
  options: SensorOptions = {},
  prepare: (suite: WatchedSuite) => Promise<void> = async () => undefined,
): WatchedSuite {
  const skip = whyNoEngine() ?? whyNoSensor() ?? false;
  let engine: TestEngine | undefined;
  let sensor: Sensor | undefined;
  let watched: WatchedEngine | undefined;
  before(async () => {
    if (skip !== false) return;
    engine = await startEngine();
    await makeTesterImage(engine.socket);
    sensor = await openSensor(options);
    watched = new WatchedEngine(engine.socket, sensor);
    await prepare(suite);
  });
  after(async () => {
    await sensor?.close({ keepEnforcing: false });
    await engine?.close();
  });
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error("the suite has not begun");
    return value;
  };
  const suite: WatchedSuite = {
    skip,
    engine: () => there(engine),
    sensor: () => there(sensor),
    watched: () => there(watched),
    async act(words, more) {
      const command = ["/testers/tester", "act", ...words];
      const run = await there(watched).run({
        ...more,
        image: testerImage,
        command,
        host: { ...generous, ...more.host },
      });
      const line: unknown = JSON.parse(run.output.split("\n").find((text) => text.startsWith("{")) ?? "{}");
      const report = { ok: false, errno: 0, detail: "nothing was reported", ...(line instanceof Object ? line : {}) };
      return { ...run, ok: report.ok, errno: report.errno, detail: report.detail };
    },
  };
  return suite;
}
