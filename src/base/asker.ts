// Processes that work for one asker alone (who looks into files, who compiles rules, who scans images, who watches): when the asker is
// gone there is nobody to answer, and they end without a word, with a status of their own.

/** Status of a process whose asker is gone. docs/malware-at-run-time.md says so. */
export const askerGone = 6;

/** An answer that nobody reads fails some moments after it was written. */
export function endWithAsker(): void {
  process.stdout.on("error", () => process.exit(askerGone));
}

/** @param message to the asker, by the pipe that it made */
export function tellAsker(message: object): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit(askerGone);
  });
}
