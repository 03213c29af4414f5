// One line on a terminal that says what is being done; nothing at all elsewhere.

import type { ScanProgress } from "../../admission/read-contents.ts";
import type { Terminal } from "../terminal.ts";

export type ProgressLine = { show(progress: ScanProgress): void; clear(): void };

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const frameMs = 100;
/** What is done faster needs no line. */
const patienceMs = 400;

export function progressLine(
  terminal: Terminal,
  isQuiet: boolean,
  nowMs: () => number = () => performance.now(),
): ProgressLine {
  if (!terminal.isTerminal || isQuiet) return { show: () => undefined, clear: () => undefined };
  const startedMs = nowMs();
  let last: ScanProgress | undefined;
  let isShown = false;
  let frame = 0;
  const draw = (): void => {
    const elapsedMs = nowMs() - startedMs;
    if (elapsedMs < patienceMs) return;
    frame = (frame + 1) % frames.length;
    isShown = true;
    terminal.write(`\r\u001b[K${frames[frame]} ${describe(last)}, ${Math.floor(elapsedMs / 1000)} s`);
  };
  const timer = setInterval(draw, frameMs);
  return {
    show(progress) {
      last = progress;
    },
    clear() {
      clearInterval(timer);
      if (isShown) terminal.write("\r\u001b[K");
    },
  };
}

function describe(progress: ScanProgress | undefined): string {
  if (progress === undefined) return "opening the image";
  const { layers, done, bytes, doneBytes } = progress;
  const amount = bytes === 0 ? "" : ` (${megabytes(doneBytes)} of ${megabytes(bytes)} MB)`;
  return `reading layers: ${done} of ${layers}${amount}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
