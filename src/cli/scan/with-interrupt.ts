// Ctrl-C ends a scan, and a second one ends it at once. What it put on disk has no name, and is gone with it.

/** The exit code for it. */
const interrupted = 130;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns what the work returns; 130 when a signal came first and the work gave up */
export async function withInterrupt<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | typeof interrupted> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } catch (thrown) {
    if (controller.signal.aborted) return interrupted;
    throw thrown;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
