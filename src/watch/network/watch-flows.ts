// Conversations of all containers, as the pipeline hears of them.

import type { EngineClient } from "../../engine/engine.ts";
import type { KernelEvent, Sensor } from "../../model/watch.ts";
import type { TreeProcess } from "../process-tree/process-tree.ts";
import type { KnownName } from "./flow-event.ts";
import { createFlowTracker, type FlowTracker } from "./flow-tracker.ts";
import type { Heard } from "./named-permits.ts";
import { createNeighbours, type Neighbours } from "./neighbours.ts";

export type FlowWatch = Pick<FlowTracker, "size" | "pushedOut"> & {
  /** Before the pipeline judges it. @returns the event, with what its peer is called where that is known */
  see(event: KernelEvent): KernelEvent;
  forget(containerId: string): void;
  close(): void;
};

export type FlowWatchOptions = {
  readonly sensor: Sensor;
  readonly engine: EngineClient;
  processOf(pid: number): TreeProcess | undefined;
  onName(containerId: string, heard: Heard): void;
  tell(event: KernelEvent): void;
  nowMs(): number;
};

const sweepMs = 5_000;

export function watchFlows(options: FlowWatchOptions): FlowWatch {
  const { sensor, engine, nowMs, onName, tell, processOf } = options;
  const neighbours: Neighbours = createNeighbours(engine, nowMs);
  const containerIdOf = (cgroupId: number): string => sensor.containerOf(cgroupId)?.id ?? "";
  const tracker = createFlowTracker({
    ...{ containerIdOf, onName, containerAt: neighbours.containerAt, resolversOf: neighbours.resolversOf },
    resolversKnown: neighbours.resolversKnown,
    tell: (event) => tell(withProcess(event, processOf(event.process.pid))),
  });
  sensor.onPacket(tracker.see);
  const timer = setInterval(() => tracker.sweep(nowMs()), sweepMs).unref();
  return {
    see(event) {
      if (event.kind === "cgroup-made") neighbours.resolversOf(containerIdOf(event.cgroupId));
      if (event.kind === "listen") tracker.listens(event);
      if (event.kind !== "connect" && event.kind !== "send") return event;
      const name = tracker.nameOf(containerIdOf(event.cgroupId), event.address);
      const peerContainer = neighbours.containerAt(event.address);
      return name === undefined && peerContainer === "" ? event : withPeer(event, name, peerContainer);
    },
    size: tracker.size,
    pushedOut: tracker.pushedOut,
    forget: neighbours.forget,
    close: () => clearInterval(timer),
  };
}

function withPeer(event: KernelEvent, known: KnownName | undefined, peerContainer: string): KernelEvent {
  const named = known === undefined ? {} : { name: known.name, nameFrom: known.from };
  return { ...event, details: { ...event.details, ...named, ...(peerContainer === "" ? {} : { peerContainer }) } };
}

/** A packet does not say all of who sent it: the tree knows. */
function withProcess(event: KernelEvent, known: TreeProcess | undefined): KernelEvent {
  if (known === undefined || Math.abs(known.startedAt - event.process.startedAt) > 1e9) return event;
  const { uid, containerPid, name, startedAt } = known;
  return { ...event, process: { ...event.process, uid, containerPid, name, startedAt } };
}
