// Ctrl-C ends a scan and takes with it what the scan had put on disk.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Interruptible = {
  readonly signal: AbortSignal;
  /** Empty, private, gone in the end. */
  readonly temporaryFolder: string;
};

/** The exit code for it. */
const interrupted = 130;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns what the work returns; 130 when a signal came first */
export async function withInterrupt<Result>(
  work: (held: Interruptible) => Promise<Result>,
): Promise<Result | typeof interrupted> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  // Before there is anything to take away: a signal in between would end us and leave it.
  for (const signal of signals) process.on(signal, interrupt);
  const temporaryFolder = mkdtempSync(join(tmpdir(), "plimsoll-scan-"));
  try {
    return await work({ signal: controller.signal, temporaryFolder });
  } catch (thrown) {
    if (controller.signal.aborted) return interrupted;
    throw thrown;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    rmSync(temporaryFolder, { recursive: true, force: true });
  }
}
