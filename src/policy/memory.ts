// Answers by key, the oldest forgotten first: bounded in entries and in the length of a key.

export type Memory<T> = {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
};

/** Longer keys are not worth their bytes. */
const maxKeyLength = 8 * 1024;

export function createMemory<T>(maxEntries: number): Memory<T> {
  const entries = new Map<string, T>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      if (key.length > maxKeyLength || entries.get(key) === value) return;
      for (const oldest of entries.keys()) {
        if (entries.size < maxEntries) break;
        entries.delete(oldest);
      }
      entries.set(key, value);
    },
  };
}
