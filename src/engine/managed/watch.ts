// Watches over the managed engine: when its process ends and nobody asked for it, it is started again.

import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../../base/errors.ts";
import { isRunning } from "./process.ts";

const lookEveryMs = 500;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** An engine that lived this long starts with a short pause again. */
const steadyMs = 60_000;

export interface Watch {
  /** The engine's process now. */
  readonly pid: number;
  close(): void;
}

export type Duties = {
  /** Starts the engine and returns its process; what it throws is told and tried again. */
  readonly restart: () => Promise<number>;
  /** Called at each look while the engine runs. */
  readonly tend: () => void;
  readonly log: (line: string) => void;
};

export function watchEngine(firstPid: number, duties: Duties): Watch {
  const ended = new AbortController();
  const state = { pid: firstPid };
  void keepRunning(state, duties, ended.signal);
  return {
    get pid() {
      return state.pid;
    },
    close: () => ended.abort(),
  };
}

async function keepRunning(state: { pid: number }, { restart, tend, log }: Duties, ended: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs;
  let startedMs = performance.now();
  while (await pause(lookEveryMs, ended)) {
    if (isRunning(state.pid)) {
      tend();
      continue;
    }
    if (performance.now() - startedMs > steadyMs) pauseMs = firstPauseMs;
    log(`the engine (process ${state.pid}) stopped; its containers keep running; starting it again in ${pauseMs} ms`);
    if (!(await pause(pauseMs, ended))) return;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    startedMs = performance.now();
    try {
      state.pid = await restart();
      log(`the engine runs again (process ${state.pid})`);
    } catch (thrown) {
      log(`the engine could not be started again: ${errorText(thrown)}`);
    }
  }
}

/** False when the watch has ended. Does not keep the program alive. */
async function pause(milliseconds: number, ended: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal: ended, ref: false });
    return true;
  } catch {
    return false;
  }
}
