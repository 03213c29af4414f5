// Alerts as they reach the daemon: on disk first, then counted, then told to whoever listens.

import { errorText } from "../../base/errors.ts";
import type { Alert } from "../../model/watch.ts";
import type { WatchGap, WatchStore } from "../../model/watch-store.ts";

export type AlertCounts = {
  /** By `rule severity outcome`, blanks between: none of them has one. */
  readonly byRule: ReadonlyMap<string, number>;
  /** Alerts that could not be written down. */
  readonly unrecorded: number;
  readonly gaps: number;
  readonly gapSeconds: number;
};

export interface AlertBook {
  add(alert: Alert): void;
  respond(alertId: string, responses: readonly string[]): void;
  gap(fromMs: number, toMs: number, more: Pick<WatchGap, "reason" | "changes">): void;
  counts(): AlertCounts;
  /** @returns a function that stops it */
  onAlert(listener: (alert: Alert) => void): () => void;
}

export function createAlertBook({
  store,
  notice,
}: {
  readonly store: WatchStore;
  notice(text: string): void;
}): AlertBook {
  const listeners = new Set<(alert: Alert) => void>();
  const byRule = new Map<string, number>();
  let unrecorded = 0;
  let gaps = 0;
  let gapSeconds = 0;
  const write = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      if (unrecorded === 0) notice(`watch: alerts are not recorded any more: ${errorText(thrown)}`);
      unrecorded++;
    }
  };
  return {
    add(alert) {
      write(() => store.addAlert(alert));
      const key = `${alert.rule} ${alert.severity} ${alert.outcome}`;
      byRule.set(key, (byRule.get(key) ?? 0) + 1);
      for (const listener of listeners) listener(alert);
    },
    respond: (alertId, responses) => write(() => store.addResponses(alertId, responses)),
    gap(fromMs, toMs, more) {
      gaps++;
      gapSeconds += (toMs - fromMs) / 1000;
      const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
      write(() => store.addGap({ from, to, ...more }));
    },
    counts: () => ({ byRule, unrecorded, gaps, gapSeconds }),
    onAlert(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
