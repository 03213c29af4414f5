// What becomes true in a moment.

import { setTimeout as sleep } from "node:timers/promises";

/** Looks again until the condition holds, for 15 seconds at most; returns what was found last. */
export async function eventually<Found>(
  look: () => Found | Promise<Found>,
  holds: (found: Found) => boolean,
): Promise<Found> {
  for (let tries = 0; ; tries += 1) {
    const found = await look();
    if (holds(found) || tries === 300) return found;
    await sleep(50);
  }
}
