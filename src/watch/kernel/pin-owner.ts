// Whose the pins of a folder are: who uses them holds a lock on the folder, and the kernel lets go of it when that process ends,
// however it ends. What nobody owns is taken away, unless something still runs that it holds back.
// Source: flock(2); bpf(2), BPF_OBJ_GET.

import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { openLibc } from "../../base/native/libc.ts";
import { BpfMap } from "./bpf-map.ts";
import { policyBytes } from "./compile-policy.ts";
import type { Libbpf } from "./libbpf.ts";

const shared = 1;
const alone = 2;
const atOnce = 4;
/** Somebody may take it away between our look and our lock. */
const mostTries = 100;
const ownName = /^plimsoll(?:-[\w-]+)?$/;
/** Whoever was killed may be started again. */
const graceMs = 10 * 60_000;
const mostMembers = 65_536;
const slotAt = 8;
const blockAt = 12;

/** Makes the folder where it is not there. @returns what lets go of it @throws PlimsollError PERMISSION_NEEDED */
export function ownFolder(folder: string): { close(): void } {
  try {
    for (let tries = 0; tries < mostTries; tries++) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const fd = lock(folder, shared);
      if (fd !== undefined) return { close: () => closeSync(fd) };
    }
    throw new Error("it does not stay");
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${folder}: ${errorText(cause)}`, {
      hint: "run the watch as root",
      cause,
    });
  }
}

/** @returns undefined when others have it, or when it is not there any more */
function lock(folder: string, how: number): number | undefined {
  const flock = openLibc().declare("int flock(int fd, int operation)");
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  if (Number(flock(fd, how)) === 0 && fstatSync(fd).ino === statSync(folder, { throwIfNoEntry: false })?.ino) return fd;
  closeSync(fd);
  return undefined;
}

/** @param own this one stays @returns folders that were taken away */
export function sweepLeftovers(libbpf: Libbpf, own: string, nowMs: number): readonly string[] {
  const place = dirname(own);
  return readdirSync(place)
    .filter((name) => ownName.test(name) && name !== basename(own))
    .map((name) => join(place, name))
    .filter((folder) => sweep(libbpf, folder, nowMs));
}

function sweep(libbpf: Libbpf, folder: string, nowMs: number): boolean {
  let fd: number | undefined;
  try {
    fd = lock(folder, alone | atOnce);
    if (fd === undefined || nowMs - fstatSync(fd).mtimeMs < graceMs || holdsBack(libbpf, folder)) return false;
    rmSync(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false; // somebody else was faster, or it is no folder: `plimsoll doctor` names what stays
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Is a container there to which something is refused? What cannot be read may be. */
function holdsBack(libbpf: Libbpf, folder: string): boolean {
  const hasPrograms = readdirSync(folder).some((name) => name.startsWith("links"));
  if (!hasPrograms) return false;
  const members = openMap(libbpf, join(folder, "maps", "members"), 8, 16);
  const policies = openMap(libbpf, join(folder, "maps", "policies"), 4, policyBytes);
  try {
    if (members === undefined || policies === undefined) return true;
    const isHeld = (key: Buffer): boolean => {
      const slot = members.map.get(key)?.subarray(slotAt, slotAt + 4);
      const policy = slot === undefined ? undefined : policies.map.get(slot);
      return slot !== undefined && policy?.readUInt32LE(blockAt) !== 0;
    };
    return members.map.keys(mostMembers).some(isHeld);
  } finally {
    for (const opened of [members, policies]) if (opened !== undefined) libbpf.close(opened.fd);
  }
}

function openMap(libbpf: Libbpf, path: string, keyBytes: number, valueBytes: number) {
  const fd = Number(libbpf.openPinned(path));
  return fd < 0 ? undefined : { fd, map: new BpfMap(libbpf, fd, keyBytes, valueBytes) };
}
