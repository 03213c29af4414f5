// The time of an event: the kernel's own as everybody's, on a machine that gives others the processor at any moment.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clocks, kernelClock } from "../../../src/watch/kernel/kernel-clock.ts";

type Machine = Clocks & {
  wait(ms: number): void;
  /** Somebody sets the wall clock. */
  set(ms: number): void;
};

const apartMs = 1_700_000_000_000.25;

/** Each look at a clock takes some microseconds; the first ones, and every seventh after them, a quarter of a second. */
function busyMachine(): Machine {
  let [now, apart, looks] = [5000, apartMs, 0];
  const pass = (): number => {
    now += ++looks < 5 || looks % 7 === 0 ? 250.3 : 0.007;
    return now;
  };
  return {
    monotonicMs: pass,
    wallMs: () => Math.floor(pass() + apart),
    wait: (ms) => {
      now += ms;
    },
    set: (ms) => {
      apart += ms;
    },
  };
}

/** Where it is looked again whether the clocks went apart. */
function afterMany(clock: () => number): number {
  for (let calls = 1; calls < 1024; calls++) clock();
  return clock();
}

test("events have their right time though this process is put aside while it looks at the clocks", () => {
  const machine = busyMachine();
  const clock = kernelClock(machine);
  const found = [clock()];
  for (let times = 0; times < 50; times++) {
    machine.wait(2000);
    found.push(afterMany(clock));
  }
  assert.deepEqual(
    found.filter((each) => Math.abs(each - apartMs) > 0.1 || each !== found[0]),
    [],
  );
});

test("events follow a wall clock that is set", () => {
  const machine = busyMachine();
  const clock = kernelClock(machine);
  machine.set(-3_600_000);
  const before = clock();
  machine.wait(2000);
  const after = afterMany(clock);
  assert.deepEqual(
    [before - apartMs, after - apartMs].map((ms) => Math.round(ms)),
    [0, -3_600_000],
  );
});
