// The sensor in a process of its own, as in real life: opens at the first message and answers with what it costs.

import { readFileSync, writeFileSync } from "node:fs";
import type { ContainerProtection, KernelEvent, Sensor } from "../../src/model/watch.ts";
import { openSensor } from "../../src/watch/open-sensor.ts";
import { type MalwareBeside, openMalwareBeside } from "./watch/malware-beside.ts";

export type ToSensor =
  | { readonly kind: "open"; readonly isTrial: boolean; readonly pinFolder?: string; readonly malware?: "block" }
  | { readonly kind: "protect"; readonly id: string; readonly protection: ContainerProtection }
  | { readonly kind: "ask" }
  | { readonly kind: "respond"; readonly how: "kill" | "freeze"; readonly freezer: string }
  | { readonly kind: "close" };

export type SensorCosts = {
  readonly received: number;
  readonly dropped: number;
  /** Of what was asked last, in microseconds from the kernel's event. */
  readonly responses: readonly number[];
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly openMs: number;
};

let sensor: Sensor | undefined;
let beside: MalwareBeside | undefined;
/** Other containers of this machine are nobody's business. */
const own = new Set<string>();
const tell = (): void => undefined;
let openMs = 0;
let respond: ((event: KernelEvent) => void) | undefined;
const responses: number[] = [];

process.on("message", (message: ToSensor) => void take(message));

async function take(message: ToSensor): Promise<void> {
  if (message.kind === "open") {
    const started = performance.now();
    const { isTrial, pinFolder, malware } = message;
    sensor = await openSensor({ isTrial, ...(pinFolder === undefined ? {} : { pinFolder }) });
    openMs = performance.now() - started;
    sensor.onEvent((event) => respond?.(event));
    if (malware !== undefined) {
      beside = await openMalwareBeside({ sensor, levelOf: (id) => (own.has(id) ? malware : "off"), tell });
    }
  }
  if (message.kind === "protect") {
    sensor?.protect(message.id, message.protection);
    own.add(message.id);
    beside?.changed(message.id);
  }
  if (message.kind === "respond") respond = responder(message.how, message.freezer);
  if (message.kind === "close") await beside?.close();
  if (message.kind === "close") await sensor?.close({ keepEnforcing: false });
  process.send?.(costs());
  if (message.kind === "close") process.disconnect();
}

/** On each alarm the process is killed, or its group stopped. */
function responder(how: "kill" | "freeze", freezer: string): (event: KernelEvent) => void {
  return (event) => {
    if (event.protection === undefined) return;
    if (how === "kill") kill(event.process.pid);
    else stop(freezer, sensor?.containerOf(event.cgroupId)?.cgroupPath ?? "");
    responses.push((performance.timeOrigin + performance.now() - event.time) * 1000);
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it came to its end meanwhile
  }
}

function stop(freezer: string, path: string): void {
  writeGroup(`${freezer}${path}/freezer.state`, "FROZEN") || writeGroup(`${freezer}${path}/cgroup.freeze`, "1");
}

function writeGroup(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false; // the other version of control groups
  }
}

function costs(): SensorCosts {
  const { user, system } = process.cpuUsage();
  const counters = sensor?.counters();
  const rss = /^Rss:\s+(\d+) kB/m.exec(readFileSync("/proc/self/smaps_rollup", "utf8"))?.[1];
  return {
    received: counters?.received ?? 0,
    dropped: counters?.dropped ?? 0,
    responses: responses.splice(0),
    cpuMs: (user + system) / 1000,
    rssBytes: Number(rss) * 1024,
    openMs,
  };
}
