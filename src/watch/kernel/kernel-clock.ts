// Milliseconds between the zero of the kernel's monotonic clock and 1970: it moves when somebody sets the clock, so it is
// measured again every second.

const againMs = 1000;

export function kernelClock(): () => number {
  let offset = measure();
  let measuredAt = performance.now();
  let calls = 0;
  return () => {
    // Asking for the time costs more than all else that an event needs.
    if ((++calls & 1023) === 0 && performance.now() - measuredAt > againMs) {
      offset = measure();
      measuredAt = performance.now();
    }
    return offset;
  };
}

function measure(): number {
  return Date.now() - Number(process.hrtime.bigint()) / 1e6;
}
