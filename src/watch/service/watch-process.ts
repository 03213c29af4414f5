// The program that watches: it alone holds the sensor, and with it the rights that the kernel asks for. It hears only its
// parent, tells alerts to it, and lets others look through a socket.

import { errorText, PlimsollError } from "../../base/errors.ts";
import { type Capability, keepCapabilities } from "../../base/native/capabilities.ts";
import { openEngineClient } from "../../engine/client.ts";
import type { KernelEvent, Sensor } from "../../model/watch.ts";
import { type BuiltWatch, buildWatch } from "../build-watch.ts";
import { type WhatRuns, whatRuns } from "../gap/what-runs.ts";
import { askForRoot } from "../malware/container-roots.ts";
import { watchFlows } from "../network/watch-flows.ts";
import { openBestSensor } from "../open-best-sensor.ts";
import { handleEvent } from "../pipeline.ts";
import { responses } from "../responses.generated.ts";
import { loadRuleFiles } from "../rules/load-rules.ts";
import { buildRuleSet, type RuleSet } from "../rules/rule-set.ts";
import { createUnseenContainers } from "../unseen-containers.ts";
import type { FromWatch, ToWatch, WatchCounters, WatchSettings } from "./messages.ts";
import { meetRunning, type OpenedMalware, openMalware } from "./open-malware.ts";
import { openSubscribers, type Subscribers } from "./subscribers.ts";

const countersEveryMs = 1_000;
const lookForUnseenEveryMs = 5_000;
/** A group that was just made has no process yet. */
const runningAfterMs = 500;
/** Programs and maps of the kernel, control groups and fanotify, signals, what /proc says of others, packets. */
const needed: readonly Capability[] = [
  ...(["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE", "CAP_KILL"] as const),
  // Holding off who would write to a program that was just looked at, deciding before busy containers get the processor, and
  // giving up its user, for who looks into files.
  ...(["CAP_LEASE", "CAP_SYS_NICE", "CAP_SETUID", "CAP_SETGID"] as const),
  ...(["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE", "CAP_NET_RAW"] as const),
];

type Running = {
  readonly settings: WatchSettings;
  readonly sensor: Sensor;
  readonly built: BuiltWatch;
  readonly subscribers: Subscribers;
  readonly malware: OpenedMalware;
};

if (process.send !== undefined) listen();

function listen(): void {
  let running: Promise<Running | undefined> | undefined;
  const stop = async (keepEnforcing: boolean): Promise<void> => {
    try {
      const { sensor, subscribers, malware } = (await running) ?? {};
      subscribers?.close();
      await malware?.watch?.close();
      await sensor?.close({ keepEnforcing });
    } finally {
      process.exit(0);
    }
  };
  process.on("message", (message: ToWatch) => {
    if (message.kind === "settings") running ??= start(message.settings);
    else if (message.kind === "stop") void stop(message.keepEnforcing);
    else void running?.then((watch) => watch && hear(message, watch));
  });
  // Without its parent nobody hears the alerts: what the kernel enforces stays until a new parent takes it up.
  process.on("disconnect", () => void stop(true));
  // Ctrl-C reaches the whole group of the terminal: the parent says when it is time.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
}

function say(message: FromWatch): void {
  if (process.connected) process.send?.(message);
}

/** @returns undefined when it cannot work here; the parent knows why then */
async function start(settings: WatchSettings): Promise<Running | undefined> {
  try {
    return await open(settings);
  } catch (thrown) {
    const known = thrown instanceof PlimsollError ? thrown : undefined;
    say({ kind: "failed", code: known?.code ?? "", what: errorText(thrown), hint: known?.hint ?? "" });
    // Nothing more will come of this process.
    setTimeout(() => process.exit(1), 100);
    return undefined;
  }
}

async function open(settings: WatchSettings): Promise<Running> {
  keepCapabilities(needed);
  const rules = readRules(settings);
  const around = {
    placeOf: (cgroupId: number) => sensor.containerOf(cgroupId),
    levelOf: (containerId: string) => built.levelsOf(containerId).malware,
    rootOf: (containerId: string) => askForRoot(engine, containerId),
    processes: () => built.watch.processes,
    handle: (event: KernelEvent) => take(event),
    notice: (text: string) => say({ kind: "notice", text }),
  };
  // It takes longer than all the rest, and works beside it.
  const opening = openMalware(settings.malware, around);
  const sensor = await openBestSensor(
    { unknown: settings.unknown, ...(settings.pinFolder === "" ? {} : { pinFolder: settings.pinFolder }) },
    around.notice,
  );
  const engine = openEngineClient(settings.engineSocket, undefined, settings.engineHeaders);
  let subscribers: Subscribers | undefined;
  const built = buildWatch({
    ...{ sensor, engine, rules },
    unknown: settings.unknown,
    nameServers: settings.nameServers ?? [],
    evidenceFolder: settings.evidenceFolder,
    evidenceMaxBytes: settings.evidenceMaxBytes,
    fileOf: (event) => malware.watch?.fileOf(event),
    nowMs: () => Date.now(),
    tell(alert) {
      say({ kind: "alert", alert });
      subscribers?.tell("alerts", () => ({ kind: "alert", alert }));
    },
    follow(alertId, done) {
      say({ kind: "responded", alertId, responses: done });
      subscribers?.tell("alerts", () => ({ kind: "responded", alertId, responses: done }));
    },
    notice: (text) => say({ kind: "notice", text }),
  });
  const malware = await opening;
  const [tiers, protections] = [malware.tiers(sensor.tiers), malware.protections(sensor.protections)];
  const counters = (): WatchCounters => ({
    ...sensor.counters(),
    heldBack: built.flood.heldBack(),
    processes: built.watch.processes.size(),
    memoryBytes: process.memoryUsage.rss(),
    ...(malware.watch === undefined ? {} : { malware: malware.watch.counters() }),
  });
  subscribers = await openSubscribers({
    path: settings.socketPath,
    tiers: () => ({ kind: "tiers", tiers, protections }),
    activity: () => ({ kind: "activity", counters: counters(), containers: built.activity.list() }),
  });
  const hearing = subscribers;
  const take = (event: KernelEvent): void => {
    handleEvent(event, built.watch);
    if (hearing.has("events")) hearing.tell("events", () => toLine(event, built));
  };
  const flows = watchFlows({
    ...{ sensor, engine, tell: take, onName: built.heard, nowMs: () => Date.now() },
    processOf: (pid) => built.watch.processes.find(pid),
  });
  sensor.onEvent((event) => {
    take(flows.see(event));
    malware.watch?.see(event);
  });
  meetRunning(malware, around);
  const unseen = createUnseenContainers({
    ...{ list: () => engine.get("/containers/json"), sees: sensor.sees, notice: around.notice },
  });
  every(lookForUnseenEveryMs, () => void unseen.look());
  every(countersEveryMs, () => say({ kind: "counters", counters: counters() }));
  say({ kind: "ready", tiers, protections, rules: rules.rules.length, ...sinceGap(settings, sensor) });
  tellRunning(sensor);
  return { settings, sensor, built, subscribers, malware };
}

function every(periodMs: number, act: () => void): void {
  setInterval(act, periodMs).unref();
}

function sinceGap({ unwatchedSinceMs: since }: WatchSettings, sensor: Sensor): { readonly running?: WhatRuns } {
  return since === undefined ? {} : { running: whatRuns((cgroupId) => sensor.containerOf(cgroupId), since) };
}

/** What the daemon knows of it is what the next watch compares with. */
function tellRunning(sensor: Sensor): void {
  let told = "";
  let soon: NodeJS.Timeout | undefined;
  const look = (): void => {
    soon = undefined;
    const { containers } = whatRuns((cgroupId) => sensor.containerOf(cgroupId), Number.POSITIVE_INFINITY);
    const ids = containers.map(({ id }) => id).sort();
    if (ids.join(" ") === told) return;
    told = ids.join(" ");
    say({ kind: "running", containers: ids });
  };
  look();
  sensor.onEvent(({ kind }) => {
    if (soon !== undefined || (kind !== "cgroup-made" && kind !== "cgroup-gone")) return;
    soon = setTimeout(look, runningAfterMs);
  });
}

function toLine(event: KernelEvent, { watch }: BuiltWatch): unknown {
  const process = watch.processes.find(event.process.pid);
  return {
    ...{ kind: "event", event, container: watch.containers.of(event.cgroupId) },
    program: process?.path ?? "",
    parent: process?.parent?.path ?? "",
  };
}

function readRules({ ruleFiles, withAllRules }: WatchSettings): RuleSet {
  const names = responses.map(({ name }) => name);
  return buildRuleSet({ files: loadRuleFiles(ruleFiles), responses: names, withDisabled: withAllRules });
}

type Order = Exclude<ToWatch, { kind: "settings" | "stop" }>;

async function hear(order: Order, { settings, sensor, built, malware }: Running): Promise<void> {
  if (order.kind === "unknown") {
    sensor.protectUnknown(order.protection);
    return;
  }
  if (order.kind === "forget") {
    built.forget(order.containerId);
    return;
  }
  let problem = "";
  try {
    if (order.kind === "reload") {
      built.replaceRules(readRules(settings));
      await malware.watch?.reload();
    } else {
      await built.protect(order.container, order.protection);
      malware.watch?.changed(order.container.id);
    }
  } catch (thrown) {
    problem = errorText(thrown);
  }
  say({ kind: "done", number: order.number, problem });
}
