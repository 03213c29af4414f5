// Claims on what is gone are let go, so that the ledger does not grow for ever and a name becomes free when its thing is
// removed around the gate. Nothing is asked while the engine's events are not listened to.

import type { EngineClient } from "../../engine/engine.ts";
import type { OwnershipLedger } from "../../model/ledger.ts";
import type { EngineEvent } from "../references/engine-events.ts";
import { createExecTidy } from "./tidy-execs.ts";
import { createThingTidy, type ThingTidy } from "./tidy-things.ts";

export type TidyTimes = {
  /** After a removal: one question for many, in milliseconds. */
  readonly pauseMs: number;
  readonly everyMs: number;
  /** How long the owner of an ended exec stays known. */
  readonly keepEndedMs: number;
};

const usualTimes: TidyTimes = { pauseMs: 1_000, everyMs: 60_000, keepEndedMs: 15 * 60_000 };

export type LedgerTidy = Pick<ThingTidy, "ledger" | "hold"> & {
  hear(event: EngineEvent): void;
  /** The events began anew, or ended. */
  reset(): void;
  close(): void;
};

/** @param isListening whether the engine's events are being told */
export function tidyLedger(
  client: EngineClient,
  ledger: OwnershipLedger,
  isListening: () => boolean,
  times: TidyTimes = usualTimes,
): LedgerTidy {
  const execs = createExecTidy(client, ledger, Date.now, times.keepEndedMs);
  const things = createThingTidy(client, ledger);
  let mayBeLost = true;
  let isBusy = false;

  const tidy = async (): Promise<void> => {
    if (isBusy || !isListening()) return;
    isBusy = true;
    try {
      await execs.tidy();
      if (mayBeLost) {
        mayBeLost = false;
        await things.tidy();
      }
    } catch {
      // The engine is away, or the disk is full: tried again later.
      mayBeLost = true;
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void tidy(), times.everyMs).unref();
  let soon: NodeJS.Timeout | undefined;
  const tidySoon = (): void => {
    mayBeLost = true;
    clearTimeout(soon);
    soon = setTimeout(() => void tidy(), times.pauseMs).unref();
  };
  return {
    ledger: things.ledger,
    hold: things.hold,
    hear(event) {
      execs.hear(event);
      const isRemoval = /^(?:untag|delete|remove|prune|destroy)$/.test(event.action);
      if (!isRemoval) return;
      // Names of claimed volumes are random and never come again; a tag may, and its event does not tell it.
      if (event.type === "volume") releaseVolume(things.ledger, event.id);
      else if (event.type === "image") tidySoon();
    },
    reset() {
      execs.reset();
      things.reset();
      tidySoon();
    },
    close() {
      clearInterval(timer);
      clearTimeout(soon);
    },
  };
}

/** A full disk is no reason to stop listening: the ledger writes it with the next change. */
function releaseVolume(ledger: OwnershipLedger, name: string): void {
  try {
    ledger.release("volume", name);
  } catch {
    // told by whatever has to be recorded
  }
}
