// What the processes of a frozen container look like: who they are, what they have mapped and opened. Values of their
// variables are left out: they are often secrets, and an archive of evidence is handed around.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export type ProcessEvidence = { readonly name: string; readonly text: string };

const maxProcesses = 1000;
const maxDescriptors = 1000;
const maxFileCharacters = 1 << 20;

export function collectProcesses(pids: readonly number[]): readonly ProcessEvidence[] {
  const kept = pids.slice(0, maxProcesses);
  const list = kept.map((pid) => describe(pid)).join("\n");
  const cut = pids.length > kept.length ? `and ${pids.length - kept.length} more\n` : "";
  return [
    { name: "processes.txt", text: `${list}\n${cut}` },
    ...kept.flatMap((pid) => [
      { name: `process-${pid}/maps.txt`, text: read(`/proc/${pid}/maps`) },
      { name: `process-${pid}/status.txt`, text: read(`/proc/${pid}/status`) },
      { name: `process-${pid}/descriptors.txt`, text: descriptors(pid) },
    ]),
  ];
}

function describe(pid: number): string {
  const command = read(`/proc/${pid}/cmdline`).split("\0").filter(Boolean);
  const parent = /^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "?";
  return JSON.stringify({ pid, parent: Number(parent), program: link(`/proc/${pid}/exe`), command });
}

function descriptors(pid: number): string {
  try {
    const fds = readdirSync(`/proc/${pid}/fd`).slice(0, maxDescriptors);
    return `${fds.map((fd) => `${fd} ${JSON.stringify(link(`/proc/${pid}/fd/${fd}`))}`).join("\n")}\n`;
  } catch {
    return ""; // the process is gone
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(0, maxFileCharacters);
  } catch {
    return ""; // the process is gone
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ""; // a thread of the kernel, or gone
  }
}
