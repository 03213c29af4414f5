// Checkpoints told to somebody else. Who holds one proves later that the log was changed, even by root of this host.

import { appendFileSync } from "node:fs";

export type WitnessOptions = {
  /** Appended to: best on another host's disk, or readable by others only. */
  readonly file?: string;
  /** One line, for a terminal, the system's journal or syslog. */
  readonly print?: (line: string) => void;
  readonly everyMs: number;
  readonly nowMs: () => number;
};

/** @returns what to call with each signed checkpoint; the first is told at once, then one each `everyMs` */
export function checkpointWitness(options: WitnessOptions): (note: string) => void {
  let nextMs = 0;
  return (note) => {
    const now = options.nowMs();
    if (now < nextMs) return;
    nextMs = now + options.everyMs;
    if (options.file !== undefined) appendFileSync(options.file, `${note}\n`, { mode: 0o644 });
    const [origin, size, root] = note.split("\n");
    options.print?.(`audit checkpoint: ${origin} ${size} ${root}`);
  };
}
