// Milliseconds between the zero of the kernel's monotonic clock and 1970. One number as long as nobody sets the clock: events
// keep their order and their distances.

const againMs = 1000;
/** What the clocks may differ by. */
const mostMs = 5;
/** So exactly it is known in the end, and so long it is looked for: the wall clock tells whole milliseconds only. */
const exactMs = 0.05;
const longestMs = 20;
const fewestLooks = 100;

export type Clocks = {
  /** Whole milliseconds since 1970. */
  wallMs(): number;
  monotonicMs(): number;
};

const own: Clocks = { wallMs: Date.now, monotonicMs: () => Number(process.hrtime.bigint()) / 1e6 };

export function kernelClock(clocks: Clocks = own): () => number {
  let offset = measure(clocks);
  let checkedAt = clocks.monotonicMs();
  let calls = 0;
  return () => {
    // Asking for the time costs more than all else that an event needs.
    if ((++calls & 1023) === 0 && clocks.monotonicMs() - checkedAt > againMs) {
      const { least, most } = look(clocks);
      if (offset < least - mostMs || offset > most + mostMs) offset = measure(clocks);
      checkedAt = clocks.monotonicMs();
    }
    return offset;
  };
}

type Bounds = { readonly least: number; readonly most: number };

/** Between two looks at a clock this process may lose its processor for long: what lies between them bounds what is true. */
function look({ wallMs, monotonicMs }: Clocks): Bounds {
  const before = monotonicMs();
  const wall = wallMs();
  return { least: wall - monotonicMs(), most: wall + 1 - before };
}

/** What all looks agree on, until that is little. */
function measure(clocks: Clocks): number {
  const end = clocks.monotonicMs() + longestMs;
  let known = look(clocks);
  for (let looks = 0; known.most - known.least > exactMs; looks++) {
    if (looks >= fewestLooks && clocks.monotonicMs() > end) break;
    const next = look(clocks);
    const both = { least: Math.max(known.least, next.least), most: Math.min(known.most, next.most) };
    // Somebody set the clock meanwhile.
    known = both.least > both.most ? next : both;
  }
  return (known.least + known.most) / 2;
}
