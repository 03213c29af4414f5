// Looks into the ring: at once when the kernel rings the bell, else every two milliseconds while there is something to read,
// and less and less often while there is not, so that a quiet host costs nothing.

import type { Ring } from "./ring.ts";

const busyMs = 2;
const idleMs = 16;
/** In one go, before others of this process have their turn. */
const mostAtOnce = 20_000;

export interface Reader {
  /** Reads what is there once more, and then nothing. */
  close(): void;
}

export function startReader(ring: Ring, handle: (offset: number, length: number) => void): Reader {
  let pauseMs = busyMs;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const look = (): void => {
    if (isClosed) return;
    clearTimeout(timer);
    const count = ring.consume(handle, mostAtOnce);
    pauseMs = count > 0 ? busyMs : Math.min(idleMs, pauseMs + 1);
    timer = setTimeout(look, count === mostAtOnce ? 0 : pauseMs);
  };
  const alarm = ring.onAlarm(look);
  // Not yet: who opened the sensor has to say first where events go.
  timer = setTimeout(look, 0);
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      alarm.close();
      ring.consume(handle, Number.POSITIVE_INFINITY);
    },
  };
}
