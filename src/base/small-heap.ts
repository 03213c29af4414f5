// Keeps the memory of a scan small. Measured on images of 600 and of 60,000 packages: 100 to 200 MB less, and no more processor time.
// - V8 lets the space for new objects grow to 128 MB on a large machine, and fills it before it looks what of it is still needed. What a
//   scan works with is either short-lived or stays to the end, so that a small space serves as well.
// - It lets the space for old objects grow to a multiple of what lived there at the last look; to one half more is enough here.

import { setFlagsFromString } from "node:v8";

/** The space for new objects stays at the size that starting the program gave it. Before any thread is made: theirs stay where they begin. */
export function keepHeapSmall(): void {
  setFlagsFromString("--min-semi-space-size=4");
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=50");
}
