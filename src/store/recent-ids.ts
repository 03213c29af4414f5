// The newest ids, so many at least: to know again what was seen a moment ago.

export interface RecentIds {
  add(id: string): void;
  has(id: string): boolean;
}

/** Two sets by turns: a single one would be searched from its oldest end with each id that has to go. */
export function recentIds(atLeast: number): RecentIds {
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    add(id) {
      if (newer.size >= atLeast) {
        older = newer;
        newer = new Set();
      }
      newer.add(id);
    },
    has: (id) => newer.has(id) || older.has(id),
  };
}
