// Writing where others write too and nobody locks: write, look whether it stayed, and write again what a racing writer undid.

import { setTimeout as sleep } from "node:timers/promises";

const tries = 12;
const leastPauseMs = 40;
/** Others need about as long to write as we did; who had read before us has written after that. */
const patience = 4;

/**
 * @param write reads what is there now, adds to it and writes it back
 * @param isKept looks whether what was written is still there
 * @returns false when others undid it every time
 */
export async function untilKept(write: () => Promise<void>, isKept: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const started = performance.now();
    await write();
    const pauseMs = Math.max(leastPauseMs, patience * (performance.now() - started));
    if (await staysKept(isKept, pauseMs)) return true;
    // Whoever was undone comes back at a moment of their own.
    await sleep(Math.random() * pauseMs);
  }
  return false;
}

/** Looking once would be too early, and once more late enough for most; so it is looked at twice after the first time. */
async function staysKept(isKept: () => Promise<boolean>, pauseMs: number): Promise<boolean> {
  if (!(await isKept())) return false;
  await sleep(pauseMs / 2);
  if (!(await isKept())) return false;
  await sleep(pauseMs / 2);
  return await isKept();
}
