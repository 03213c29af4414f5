// A proposal for people: what it was learnt from, what to know before it is applied, and the difference to what is there.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import type { Proposal, ProposedFile } from "../../harden/propose/proposal.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Terminal } from "../terminal.ts";

export function describeProposal(behaviour: Behaviour, proposal: Proposal, folder: string, terminal: Terminal): string {
  const { containers, executables, written, peers, systemCalls } = behaviour;
  const counted = [
    [containers, "container", "containers"],
    [executables.length, "program", "programs"],
    [written.length, "file written", "files written"],
    [peers.length, "peer", "peers"],
    [systemCalls?.length ?? 0, "system call", "system calls"],
  ] as const;
  const summary = counted.map(([count, one, many]) => `${count} ${count === 1 ? one : many}`).join(", ");
  return [
    `${terminal.style("bold", printable(behaviour.image, 200))}: ${summary}\n`,
    ...proposal.notes.map((note) => `${terminal.style("yellow", "!")} ${note}\n`),
    "\n",
    ...proposal.files.map((file) => differenceOf(file, folder, terminal)),
    `${terminal.style("dim", "without the gate:")} docker run ${proposal.flags.join(" ")} ${printable(behaviour.image, 200)}\n`,
  ].join("");
}

/** @throws PlimsollError PERMISSION_NEEDED */
export function writeProposal({ files }: Proposal, folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    for (const { name, text } of files) {
      const path = join(folder, name);
      rmSync(`${path}.new`, { force: true });
      // A file of its own: in a folder that others write, a link of this name would lead into theirs.
      writeFileSync(`${path}.new`, text, { mode: 0o644, flush: true, flag: "wx" });
      renameSync(`${path}.new`, path);
    }
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${folder}: cannot be written: ${errorText(cause)}`, {
      hint: "run it as root, or name a folder of yours with --output",
      cause,
    });
  }
}

function differenceOf({ name, text }: ProposedFile, folder: string, terminal: Terminal): string {
  const path = join(folder, name);
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (before === text) return `${terminal.style("dim", `${path} stays as it is`)}\n\n`;
  const patch = createTwoFilesPatch(before === "" ? "/dev/null" : path, path, before, text, "", "", { context: 3 });
  const lines = patch.split("\n").slice(1);
  return `${lines.map((line) => colored(printable(line, 500), terminal)).join("\n")}\n`;
}

function colored(line: string, terminal: Terminal): string {
  if (line.startsWith("+")) return terminal.style("green", line);
  if (line.startsWith("-")) return terminal.style("red", line);
  return line.startsWith("@@") ? terminal.style("cyan", line) : line;
}
