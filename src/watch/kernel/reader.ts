// Looks into the ring: every two milliseconds while there is much to read, and less often while there is little. When
// nothing comes it goes to sleep and says so to the kernel, which rings at the next event: a quiet host costs nothing, and a
// busy one no bells.

import type { Ring } from "./ring.ts";

const busyMs = 2;
/** Each look takes a processor from who works there: a few events can wait a little. Alarms ring. */
const calmMs = 5;
const fewEvents = 128;
/** Asleep: one look now and then, should a bell have been missed. */
const asleepMs = 250;
/** Looks without a find. */
const looksBeforeSleep = 10;
/** In one go, before others of this process have their turn. */
const mostAtOnce = 20_000;

export interface Reader {
  /** Reads what is there, now. Not from within the handler. */
  read(): void;
  /** Reads what is there once more, and then nothing. */
  close(): void;
}

/** @param awake shared with the kernel: it rings for every event while the first number is 0 */
export function startReader(ring: Ring, awake: Uint32Array, handle: (offset: number, length: number) => void): Reader {
  let timer: NodeJS.Timeout | undefined;
  let finds = 0;
  let isClosed = false;
  const look = (): void => {
    if (isClosed) return;
    clearTimeout(timer);
    const count = ring.consume(handle, mostAtOnce);
    finds = count > 0 ? looksBeforeSleep : finds - 1;
    Atomics.store(awake, 0, finds > 0 ? 1 : 0);
    // What came before the kernel saw that nobody looks any more.
    const late = finds > 0 ? 0 : ring.consume(handle, mostAtOnce);
    const pauseMs = finds <= 0 && late === 0 ? asleepMs : count < fewEvents ? calmMs : busyMs;
    timer = setTimeout(look, count === mostAtOnce ? 0 : pauseMs);
  };
  const bell = ring.onAlarm(look);
  // Not yet: who opened the sensor has to say first where events go.
  timer = setTimeout(look, 0);
  return {
    read: () => void (isClosed || ring.consume(handle, mostAtOnce)),
    close() {
      isClosed = true;
      clearTimeout(timer);
      bell.close();
      ring.consume(handle, Number.POSITIVE_INFINITY);
    },
  };
}
