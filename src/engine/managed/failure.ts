// Why an engine did not come up: its last log lines, and the remedy for what they say.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { PlimsollError } from "../../base/errors.ts";

const tailBytes = 16 * 1024;

/** What dockerd says, and what to do about it. The first that matches wins. */
const remedies: readonly { readonly says: RegExp; readonly hint: string }[] = [
  { says: /no space left on device/i, hint: "free space on the disk that holds the state folder" },
  { says: /iptables.*(not found|No such file)|failed to find iptables/i, hint: "run: apt-get install iptables" },
  {
    says: /Devices cgroup isn't mounted|cgroup mountpoint does not exist/i,
    hint: "mount the cgroup file system, or restart the host with it",
  },
  {
    says: /pool overlaps with other one|could not find an available.*address pool/i,
    hint: "remove networks that are not used, or stop the other engine",
  },
  {
    says: /driver not supported|prior storage driver|error initializing graphdriver/i,
    hint: "put the state folder on a file system that overlay supports, like ext4 or xfs",
  },
  {
    says: /Can't create ID mappings|remap|subuid/i,
    hint: "run: apt-get install uidmap, or switch user namespaces off",
  },
  {
    says: /permission denied|operation not permitted/i,
    hint: "run plimsoll as root of the host, not inside a container without privileges",
  },
  {
    says: /unable to configure the Docker daemon|unknown (flag|configuration)/i,
    hint: "update the engine: version 20.10 or later is needed",
  },
];

/**
 * @param from bytes that the log had before this start
 * @param what how it ended: 'it stopped', 'it did not answer within 60 s'
 */
export function startFailed(logFile: string, from: number, what: string): PlimsollError {
  const lines = lastComplaints(logFile, from);
  const remedy = remedies.find(({ says }) => lines.some((line) => says.test(line)));
  const message = [`the managed engine did not come up: ${what}`, ...lines.map((line) => `  ${line}`)].join("\n");
  return new PlimsollError("ENGINE_START_FAILED", message, {
    hint: remedy?.hint ?? `read the engine's log: ${logFile}`,
  });
}

/** Lines that complain, and the last one: dockerd's own last word has no level. */
function lastComplaints(logFile: string, from: number): readonly string[] {
  const lines = readTail(logFile, from)
    .split("\n")
    .filter((line) => line.trim() !== "");
  const last = lines.length - 1;
  const telling = lines.filter((line, index) => index === last || /level=(error|fatal)|failed to|panic:/.test(line));
  return telling.slice(-5).map(printable);
}

/** Log lines may quote what a registry or an image said. */
function printable(line: string): string {
  return line.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 500);
}

function readTail(path: string, from: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const size = fstatSync(file).size;
      const buffer = Buffer.alloc(Math.max(0, Math.min(size - from, tailBytes)));
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString("utf8");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
