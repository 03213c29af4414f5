// Names that somebody may go to, and the addresses that they stand for now: asked before they are needed, asked again before
// the answer is out of date, and kept for a while when nobody answers. Bounded in names, addresses and questions.

import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../../base/errors.ts";
import type { AskName } from "./name-resolver.ts";

export interface NameBook {
  /** @returns when it is known, or nobody gave an answer */
  need(name: string): Promise<void>;
  drop(name: string): void;
  addressesOf(name: string): readonly string[];
  /** Asks at once, or when the last question is a second old: what was said since then may be other. @returns when it is known */
  askAgain(name: string): Promise<void>;
  /** Asks for what is due. Called every second. */
  tick(): Promise<void>;
  size(): number;
  close(): void;
}

export type NameBookOptions = {
  readonly ask: AskName;
  /** The addresses of this name are others now. */
  readonly onChange: (name: string) => void;
  notice(text: string): void;
  nowMs(): number;
};

type Entry = {
  /** Address -> until when. */
  readonly known: Map<string, number>;
  dueMs: number;
  askedMs: number;
  answeredMs: number;
  failures: number;
  asking: Promise<void> | undefined;
  /** Until the last question is old enough for another one. */
  askingAgain: Promise<void> | undefined;
};

const notAsking = { asking: undefined, askingAgain: undefined };
const tickMs = 1_000;
const soonestMs = 10_000;
const latestMs = 300_000;
/** An answer of TTL 0 is used for some time by whoever got it; one of a year is not believed so long. */
const keepAtLeastMs = 60_000;
const keepAtMostMs = 3_600_000;
const graceMs = 60_000;
/** The last answer counts so long when no other one comes. */
const staleMs = 3_600_000;
const retryMs = 5_000;
const mostAddresses = 512;
const mostNames = 8_192;
const mostAtOnce = 64;

export function createNameBook({ ask, onChange, notice, nowMs }: NameBookOptions): NameBook {
  const entries = new Map<string, Entry>();
  const update = (name: string, entry: Entry): Promise<void> => {
    entry.askedMs = nowMs();
    entry.asking ??= (async () => {
      const before = [...entry.known.keys()].sort().join(" ");
      try {
        const { addresses, ttlMs } = await ask(name);
        hear(entry, addresses, ttlMs);
      } catch (thrown) {
        if (entry.failures++ === 0) notice(`${name} is not resolved: ${errorText(thrown)}; the last answer counts`);
        entry.dueMs = nowMs() + Math.min(latestMs, retryMs * entry.failures);
        if (nowMs() - entry.answeredMs > staleMs) entry.known.clear();
      } finally {
        entry.asking = undefined;
      }
      const isOther = [...entry.known.keys()].sort().join(" ") !== before;
      if (isOther && entries.get(name) === entry) onChange(name);
    })();
    return entry.asking;
  };
  const hear = (entry: Entry, addresses: readonly string[], ttlMs: number): void => {
    const now = nowMs();
    entry.failures = 0;
    entry.answeredMs = now;
    entry.dueMs = now + Math.min(latestMs, Math.max(soonestMs, ttlMs));
    const until = now + graceMs + Math.min(keepAtMostMs, Math.max(keepAtLeastMs, ttlMs));
    for (const [address, end] of entry.known) if (end < now) entry.known.delete(address);
    for (const address of addresses.toSorted().slice(0, mostAddresses)) {
      entry.known.delete(address);
      entry.known.set(address, until);
    }
    for (const [address] of entry.known) {
      if (entry.known.size <= mostAddresses) break;
      entry.known.delete(address);
    }
  };
  const tick = async (): Promise<void> => {
    const now = nowMs();
    const due = [...entries].filter(([, entry]) => entry.dueMs <= now && entry.asking === undefined);
    await Promise.all(due.slice(0, mostAtOnce).map(([name, entry]) => update(name, entry)));
  };
  const timer = setInterval(() => void tick(), tickMs).unref();
  return {
    async need(name) {
      const known = entries.get(name);
      if (known !== undefined) return await known.asking;
      if (entries.size >= mostNames) return notice(`${name} is not resolved: there are ${mostNames} names already`);
      const entry: Entry = { known: new Map(), dueMs: 0, askedMs: 0, answeredMs: 0, failures: 0, ...notAsking };
      entries.set(name, entry);
      await update(name, entry);
    },
    drop: (name) => void entries.delete(name),
    addressesOf: (name) => [...(entries.get(name)?.known.keys() ?? [])],
    async askAgain(name) {
      const entry = entries.get(name);
      if (entry === undefined) return;
      entry.askingAgain ??= (async () => {
        await sleep(Math.max(0, entry.askedMs + tickMs - nowMs()), undefined, { ref: false });
        entry.askingAgain = undefined;
        if (entries.get(name) === entry) await update(name, entry);
      })();
      await entry.askingAgain;
    },
    tick,
    size: () => entries.size,
    close: () => clearInterval(timer),
  };
}
