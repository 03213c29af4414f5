// Writing where others write too and nobody locks: write, look whether it stayed, and write again what a racing writer undid.

import { setTimeout as sleep } from "node:timers/promises";

const tries = 8;
const pauseMs = 40;

/**
 * @param write reads what is there now, adds to it and writes it back
 * @param isKept looks whether what was written is still there
 * @returns false when others undid it every time
 */
export async function untilKept(write: () => Promise<void>, isKept: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    await write();
    if (await staysKept(isKept)) return true;
    await sleep(Math.random() * pauseMs * attempt);
  }
  return false;
}

/** A racing writer that had read before us writes within moments: looking once would be too early. */
async function staysKept(isKept: () => Promise<boolean>): Promise<boolean> {
  if (!(await isKept())) return false;
  await sleep(pauseMs);
  return await isKept();
}
