// Keeps the memory of a long-running gate small. Measured with bench/gate.ts: 60 to 100 MB less after many requests.
// - V8 lets the space for new objects grow to 128 MB on a large machine and keeps it; requests leave nothing behind, so
//   that a small space serves as well.
// - glibc gives each of V8's compiler threads an arena of its own, and none of them gives back what compiling Cedar's
//   WebAssembly took. Source: mallopt(3), M_ARENA_MAX.

import { setFlagsFromString } from "node:v8";
import { openLibc } from "../base/native/libc.ts";

const M_ARENA_MAX = -8;

/** Call it before anything large is loaded. Where the C library knows no arenas there is nothing to limit. */
export function keepMemorySmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  try {
    openLibc().declare("int mallopt(int parameter, int value)")(M_ARENA_MAX, 1);
  } catch {
    // No glibc: its habit is not there either.
  }
}
