// Answers kept by name, for as long as somebody tells us about changes. A question that was under way when the cache was
// cleared is answered but not kept.

export type NameCache<T> = {
  /** The kept answer, or a new one; undefined (not there) is never kept. */
  get(name: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The kept answer, without asking. */
  kept(name: string): T | undefined;
  /** Another number after each change; undefined while changes could go unnoticed. */
  generation(): number | undefined;
  clear(): void;
};

/** @param mayKeep asked on every use: false while changes could go unnoticed */
export function createNameCache<T>(mayKeep: () => boolean, maxEntries = 4096): NameCache<T> {
  const kept = new Map<string, T>();
  let generation = 0;
  const clear = (): void => {
    generation++;
    kept.clear();
  };
  const keptNow = (name: string): T | undefined => (mayKeep() ? kept.get(name) : undefined);
  return {
    clear,
    generation: () => (mayKeep() ? generation : undefined),
    kept: keptNow,
    async get(name, load) {
      const found = keptNow(name);
      if (found !== undefined) return found;
      const startedIn = generation;
      const loaded = await load();
      if (loaded === undefined || startedIn !== generation || !mayKeep()) return loaded;
      if (kept.size >= maxEntries) kept.clear();
      kept.set(name, loaded);
      return loaded;
    },
  };
}
