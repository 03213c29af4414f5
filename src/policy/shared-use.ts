// What everybody may do with a shared thing ends where the others would lose it.

import type { Action } from "../model/action.ts";

const takingAway: readonly Action[] = [
  "image.remove",
  "network.remove",
  "volume.remove",
  "volume.update",
  "container.remove",
];

/** The action removes or alters its resource for everybody who uses it. */
export function takesAway(action: Action): boolean {
  return takingAway.includes(action);
}
