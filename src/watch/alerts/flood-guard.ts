// A program that breaks a rule a thousand times a second is one story: of a rule and a container only so many alerts are
// told, and the next one that is told says how many were not.

export interface FloodGuard {
  /** @returns how many like it were held back since the last one, or undefined: hold this one back too */
  admit(key: string): number | undefined;
  /** Held back since the start. */
  heldBack(): number;
}

type Bucket = { tokens: number; lastMs: number; held: number };

const maxKeys = 4096;

export function createFloodGuard(options: {
  readonly perMinute: number;
  readonly burst: number;
  nowMs(): number;
}): FloodGuard {
  const buckets = new Map<string, Bucket>();
  let total = 0;
  return {
    admit(key) {
      const now = options.nowMs();
      const bucket = buckets.get(key) ?? { tokens: options.burst, lastMs: now, held: 0 };
      const earned = (Math.max(0, now - bucket.lastMs) / 60_000) * options.perMinute;
      bucket.tokens = Math.min(options.burst, bucket.tokens + earned);
      bucket.lastMs = now;
      remember(buckets, key, bucket);
      if (bucket.tokens < 1) {
        bucket.held++;
        total++;
        return undefined;
      }
      bucket.tokens--;
      const { held } = bucket;
      bucket.held = 0;
      return held;
    },
    heldBack: () => total,
  };
}

function remember(buckets: Map<string, Bucket>, key: string, bucket: Bucket): void {
  buckets.delete(key);
  const [oldest] = buckets.size >= maxKeys ? buckets.keys() : [];
  if (oldest !== undefined) buckets.delete(oldest);
  buckets.set(key, bucket);
}
