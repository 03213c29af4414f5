// What loading took - the kernel's type information above all - goes back to the system at once: the C library would keep it
// for calls that never come. Source: malloc_trim(3).

import { openLibc } from "../../base/native/libc.ts";

/** By then rules are compiled, too. */
const laterMs = 5_000;

export function giveBackMemory(): void {
  try {
    const trim = openLibc().declare("int malloc_trim(size_t pad)");
    trim(0);
    setTimeout(() => trim(0), laterMs).unref();
  } catch {
    // No glibc: others keep nothing.
  }
}
