// Keeps the memory of a scan small. V8 lets the space for new objects grow to 128 MB on a large machine, and fills it before it looks what of
// it is still needed. What a scan works with is either short-lived or stays to the end, so that a small space serves as well: on images of 600
// and of 60,000 packages no more processor time was measured, and 100 MB less memory.

import { setFlagsFromString } from "node:v8";

/** Stays at the size that starting the program gave it. Before any thread is made: theirs stay where they begin. */
export function keepHeapSmall(): void {
  setFlagsFromString("--min-semi-space-size=4");
  setFlagsFromString("--semi-space-growth-factor=1");
}
