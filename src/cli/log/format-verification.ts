// What verify found, for people.

import { printable } from "../../base/printable.ts";
import type { Verification } from "../../store/verify-log.ts";
import type { Terminal } from "../terminal.ts";

export function formatVerification(found: Verification, terminal: Terminal): string {
  const { problems, moreProblems } = found;
  const word = problems.length === 0 ? terminal.style("green", "intact") : terminal.style("red", "CHANGED");
  return [
    `${word}  ${printable(found.origin)}: ${found.records} records, ${found.checkpoints} checkpoints\n`,
    ...problems.map(({ message }) => `  ${terminal.style("red", "-")} ${printable(message, 600)}\n`),
    moreProblems === 0 ? "" : `  and ${moreProblems} more\n`,
    `  root of ${found.records} records: ${found.root}\n`,
    found.firstKept === 0
      ? ""
      : `  the first ${found.firstKept} records were dropped by retention; their hashes are part of the proof\n`,
    found.unsigned === 0
      ? ""
      : `  the newest ${found.unsigned} records are not signed yet: the next checkpoint covers them\n`,
  ].join("");
}
