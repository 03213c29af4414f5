// What becomes true in a moment.

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Looks again until the condition holds, for 30 seconds at most: a test beside this one may take all processors for a while.
 * @returns what was found last
 */
export async function eventually<Found>(
  look: () => Found | Promise<Found>,
  holds: (found: Found) => boolean,
): Promise<Found> {
  for (let tries = 0; ; tries += 1) {
    const found = await look();
    if (holds(found) || tries === 600) return found;
    await sleep(50);
  }
}
