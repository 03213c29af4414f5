// `plimsoll log export | head`: when who reads has enough, the command ends without a word, as other programs do.

/** For commands that only read: nothing is held that would have to be given back. */
export function endWithReader(): void {
  if (process.stdout.listenerCount("error") === 0)
    process.stdout.on("error", (cause) => process.exit(isGone(cause) ? 0 : 3));
}

function isGone(cause: Error): boolean {
  return "code" in cause && cause.code === "EPIPE";
}
