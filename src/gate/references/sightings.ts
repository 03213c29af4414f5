// Whose things were when they were last looked at: the engine's events tell of things that are gone already, and an event
// cannot wait for a question.

import type { Owned } from "../../policy/ownership.ts";

export type SeenType = "container" | "network" | "volume";

export type Sightings = {
  seen(type: SeenType, id: string): Owned | undefined;
  note(type: SeenType, id: string, owned: Owned): void;
};

/** The oldest are forgotten first. */
export function createSightings(maxEntries = 50_000): Sightings {
  const known = new Map<string, Owned>();
  return {
    seen: (type, id) => known.get(`${type} ${id}`),
    note(type, id, { owner, isShared }) {
      const key = `${type} ${id}`;
      known.delete(key);
      known.set(key, { owner, isShared });
      const oldest = known.size > maxEntries ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}
