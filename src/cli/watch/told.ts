// Lines of the watch's socket, with their types. They come from our own process, over a socket that only we may open.

import { fieldAt, textAt } from "../../base/reading.ts";
import type { Alert, KernelEvent, ProtectionReport, TierReport, WatchedContainer } from "../../model/watch.ts";
import type { Activity } from "../../watch/alerts/activity.ts";
import type { WatchCounters } from "../../watch/service/messages.ts";

export type Told =
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "responded"; readonly alertId: string; readonly responses: readonly string[] }
  | {
      readonly kind: "event";
      readonly event: KernelEvent;
      readonly container: WatchedContainer | undefined;
      readonly program: string;
      readonly parent: string;
    }
  | { readonly kind: "lost"; readonly count: number }
  | { readonly kind: "activity"; readonly counters: WatchCounters; readonly containers: readonly Activity[] }
  | {
      readonly kind: "tiers";
      readonly tiers: readonly TierReport[];
      readonly protections: readonly ProtectionReport[];
    };

const kinds: readonly Told["kind"][] = ["alert", "responded", "event", "lost", "activity", "tiers"];

/** A newer watch may say more: what is not known here is nobody's. */
export function isTold(value: unknown): value is Told {
  const kind = textAt(value, "kind");
  return kinds.some((known) => known === kind) && fieldAt(value, "kind") === kind;
}
