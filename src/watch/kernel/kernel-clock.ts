// Milliseconds between the zero of the kernel's monotonic clock and 1970. One number as long as nobody sets the clock: events
// keep their order and their distances.

const againMs = 1000;
/** What the clocks may differ by; Date.now() knows whole milliseconds only. */
const mostMs = 5;

export function kernelClock(): () => number {
  let offset = performance.timeOrigin + performance.now() - monotonicMs();
  let checkedAt = performance.now();
  let calls = 0;
  return () => {
    // Asking for the time costs more than all else that an event needs.
    if ((++calls & 1023) === 0 && performance.now() - checkedAt > againMs) {
      const now = Date.now() - monotonicMs();
      if (Math.abs(now - offset) > mostMs) offset = now;
      checkedAt = performance.now();
    }
    return offset;
  };
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
