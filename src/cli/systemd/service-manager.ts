// What the service manager hears of us: ready, status, still alive, stopping. Without one it hears nothing.
// Source: sd_notify(3), sd_watchdog_enabled(3).

import { sdNotify } from "../../base/native/sd-notify.ts";

export interface ServiceManager {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  /** The event loop stopped being watched. */
  close(): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function connectServiceManager(environment: Environment, pid: number = process.pid): ServiceManager {
  const socket = environment["NOTIFY_SOCKET"];
  const tell = (...lines: readonly string[]): void => {
    if (socket !== undefined) sdNotify(lines.join("\n"), socket);
  };
  const beatMs = watchdogMs(environment, pid);
  // From the event loop: when that is stuck, the manager restarts us.
  const beat = beatMs === undefined ? undefined : setInterval(() => tell("WATCHDOG=1"), beatMs).unref();
  return {
    ready: (status) => tell("READY=1", `STATUS=${oneLine(status)}`, `MAINPID=${pid}`),
    reloading: () => tell("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell("STOPPING=1", "STATUS=stopping"),
    close: () => clearInterval(beat),
  };
}

/** Half of what the manager waits; undefined when it does not wait for us. */
export function watchdogMs(environment: Environment, pid: number): number | undefined {
  const { WATCHDOG_USEC: microseconds = "", WATCHDOG_PID: forPid = String(pid) } = environment;
  if (!/^[1-9]\d{0,14}$/.test(microseconds) || forPid !== String(pid)) return undefined;
  return Math.max(1, Math.min(2 ** 31 - 1, Math.floor(Number(microseconds) / 2000)));
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
