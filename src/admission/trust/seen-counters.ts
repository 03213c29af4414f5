// The highest counter that was seen for a tag, or for the trust file itself: what tells "set back" from "new here".
// Each is a file named by its number in a folder of its own, so that nobody who writes at the same time can lower it.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";

export interface SeenCounters {
  /** @returns 0 when none was seen @throws PlimsollError STORE_UNAVAILABLE: then nobody can say what was seen */
  highest(name: string): number;
  /** Never lowers. */
  remember(name: string, counter: number): void;
}

export function openSeenCounters(folder: string): SeenCounters {
  const folderOf = (name: string): string => join(folder, createHash("sha256").update(name).digest("hex"));
  const seen = new Map<string, Seen>();
  const highest = (name: string): number => {
    const before = seen.get(name);
    const own = before?.folder ?? folderOf(name);
    const stamp = stampOf(own);
    if (before?.stamp === stamp) return before.number;
    const number = Math.max(0, ...numbersIn(own));
    if (seen.size >= maxSeen) seen.clear();
    seen.set(name, { folder: own, stamp, number });
    return number;
  };
  return {
    highest,
    remember(name, counter) {
      const own = folderOf(name);
      if (!Number.isSafeInteger(counter) || counter <= highest(name)) return;
      try {
        mkdirSync(own, { recursive: true, mode: 0o700 });
        writeFileSync(join(own, String(counter)), `${name}\n`, { mode: 0o600 });
        const lower = numbersIn(own).filter((number) => number < counter);
        for (const number of lower) rmSync(join(own, String(number)), { force: true });
      } catch (cause) {
        throw unavailable(own, cause);
      }
    },
  };
}

/** What a folder held when it was last changed: whoever writes there changes its time. */
type Seen = { readonly folder: string; readonly stamp: bigint; readonly number: number };

const maxSeen = 4096;

/** 0 when it is not there. */
function stampOf(folder: string): bigint {
  try {
    return statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0n;
  } catch (cause) {
    throw unavailable(folder, cause);
  }
}

function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[1-9][0-9]{0,15}$/.test(name))
      .map(Number);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw unavailable(folder, cause);
  }
}

function unavailable(folder: string, cause: unknown): PlimsollError {
  return new PlimsollError("STORE_UNAVAILABLE", `${folder}: ${errorText(cause)}`, {
    hint: "make the state folder readable and writable for plimsoll",
    cause,
  });
}
