// `30m`, `24h`, `7d` -> milliseconds.

import { PlimsollError } from "../../base/errors.ts";

const unitsMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws PlimsollError USAGE */
export function readDurationMs(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs === undefined) {
    throw new PlimsollError("USAGE", `a time of ${JSON.stringify(text)}, expected a number and s, m, h or d`, {
      hint: "write 30m, 24h or 7d",
    });
  }
  return Number(count) * unitMs;
}
