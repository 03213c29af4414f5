// Keeps the memory of a long-running gate small. Measured with bench/gate.ts: 60 to 100 MB less after many requests.
// - V8 lets the space for new objects grow to 128 MB on a large machine and keeps it; requests leave nothing behind, so
//   that a small space serves as well.
// - It lets the space for old objects double before it collects them, and keeps what it grew to. What lives there hardly grows
//   under load, so that a collection for each tenth costs less than can be measured, and saves 20 MB.
// - glibc gives each of V8's compiler threads an arena of its own, and none of them gives back what compiling Cedar's
//   WebAssembly took; and it keeps up to 64 MB of freed memory at the end of its heap. Source: mallopt(3).
// - Threads that are older than that limit have their arenas, with 35 MB of what compiling left, until they are told to give
//   it back; a millisecond each time. Under load 30 MB gather in ten seconds, so that it is done more often. Source: malloc_trim(3).

import { setFlagsFromString } from "node:v8";
import { openLibc } from "../base/native/libc.ts";

const M_ARENA_MAX = -8;
const M_TRIM_THRESHOLD = -1;
const trimThresholdBytes = 2 * 1024 * 1024;
const trimEveryMs = 2000;

/** Call it before anything large is loaded. Where the C library knows no arenas there is nothing to limit. */
export function keepMemorySmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=10");
  try {
    const libc = openLibc();
    const mallopt = libc.declare("int mallopt(int parameter, int value)");
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TRIM_THRESHOLD, trimThresholdBytes);
    const mallocTrim = libc.declare("int malloc_trim(size_t pad)");
    setInterval(() => mallocTrim(0), trimEveryMs).unref();
  } catch {
    // No glibc: its habit is not there either.
  }
}
