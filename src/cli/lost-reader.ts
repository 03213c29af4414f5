// `plimsoll doctor | head`: when who reads has enough, no command crashes over it. What it had to do it does to the end,
// unheard; a command that only reads ends without a word, as other programs do.

/** For every command, and for what serves: its output is lost, its work is not. Any other failure to write is exit code 3. */
export function outliveReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (cause) => {
      if (!isGone(cause)) process.exitCode = 3;
    });
  }
}

/** For commands that go on for long and only read: nothing is held that would have to be given back. */
export function endWithReader(): void {
  process.stdout.on("error", (cause) => process.exit(isGone(cause) ? 0 : 3));
}

function isGone(cause: Error): boolean {
  return "code" in cause && cause.code === "EPIPE";
}
