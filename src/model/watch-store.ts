// What of the watch has to survive a restart: alerts, what each container may do, and when nobody looked.

import type { Alert, ContainerProtection, WatchedContainer } from "./watch.ts";

export type ProtectedContainer = {
  readonly container: WatchedContainer;
  readonly protection: ContainerProtection;
};

/** A time in which nobody watched: RFC 3339, both. */
export type WatchGap = { readonly from: string; readonly to: string; readonly reason: string };

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
