// What of the watch has to survive a restart: alerts, what each container may do, and when nobody looked.

import type { WatchFacts } from "./facts.ts";
import type { Principal } from "./principal.ts";
import type {
  Alert,
  ContainerProtection,
  NetworkPermit,
  Protection,
  ProtectionLevel,
  WatchedContainer,
} from "./watch.ts";

export type ProtectedContainer = {
  readonly container: WatchedContainer;
  readonly protection: ContainerProtection;
  /** Absent: nobody asked policy for it. */
  readonly asked?: AskedFor;
};

/** What policy was asked about when the container was made: enough to ask again. */
export type AskedFor = {
  readonly principal: Principal;
  /** The container's, as the caller gave it. */
  readonly name: string;
  readonly facts: Omit<WatchFacts, "protection" | "level">;
  /** Of profiles. */
  readonly demands?: {
    readonly levels: readonly (readonly [Protection, ProtectionLevel])[];
    readonly connect?: readonly NetworkPermit[];
    readonly bind?: readonly NetworkPermit[];
  };
  /** OCI runtime, `runsc`; "" for the engine's default. */
  readonly runtime: string;
};

/** A time in which nobody watched: RFC 3339, both. */
export type WatchGap = {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** As far as it could be known afterwards: what began and ended in between left no trace. */
  readonly changes?: GapChanges;
};

/** A container, with when its oldest process began (RFC 3339). */
export type RunningContainer = { readonly id: string; readonly startedAt: string };
export type StartedProcess = {
  readonly containerId: string;
  /** In the host's numbers. */
  readonly pid: number;
  readonly path: string;
  readonly startedAt: string;
};

export type GapChanges = {
  /** Ids of the containers that ran when the watch was heard of last. */
  readonly ran: readonly string[];
  readonly ended: readonly string[];
  readonly began: readonly RunningContainer[];
  /** They ran before and run now, with processes that are all younger. */
  readonly restarted: readonly RunningContainer[];
  /** In containers, begun meanwhile and alive afterwards: the first 64. */
  readonly processes: readonly StartedProcess[];
  readonly processCount: number;
};

/** All calls are synchronous. @throws PlimsollError STORE_UNAVAILABLE when the disk refuses */
export interface WatchStore {
  addAlert(alert: Alert): void;
  /** What was done about an alert that was added before. */
  addResponses(alertId: string, responses: readonly string[]): void;
  addGap(gap: WatchGap): void;
  protect(entry: ProtectedContainer): void;
  forget(containerId: string): void;
  /** In the order in which they came. */
  protectedContainers(): readonly ProtectedContainer[];
}
