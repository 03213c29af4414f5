// Files of the image that a container copied up: are they what they were? The kernel takes them as changed when somebody
// could have written to them; here the bytes are compared, and the kernel is told what came out. What was found holds until
// the inode changes: nobody can set that time back, and what runs cannot be written to.

import { type BigIntStats, constants, fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { KernelEvent, ProtectionLevel } from "../../model/watch.ts";
import { readProcess } from "../process-tree/read-process.ts";
import { type BpfMap, u32, u64 } from "./bpf-map.ts";
import { type OverlayMount, placesOf, readMountsOf } from "./overlay-layers.ts";

export type CopiedFilesOptions = {
  /** `struct compared` by `struct copied_file` (probes/path.bpf.h). */
  readonly compared: BpfMap;
  /** What the container's policy says of drift; undefined when nobody announced it. */
  readonly levelOf: (cgroupId: number) => ProtectionLevel | undefined;
  /** A program runs that the kernel took for the image's own. */
  readonly tell: (event: KernelEvent) => void;
};

export interface CopiedFiles {
  see(event: KernelEvent): void;
  /** Files that could not be compared: the kernel's own view of them stays. */
  skipped(): number;
  close(): void;
}

/** At one time: a container can run as many different files as it likes. */
const mostWaiting = 256;
const mostContainers = 512;
const mostBytes = 2 ** 30;
const chunkBytes = 256 * 1024;
/** Times of inodes go in steps of a clock tick: what is written within one shows no other time. */
const settledNs = 20_000_000n;
const settleMs = 25;
/** /proc counts a start in hundredths of a second. */
const tickNs = 10_000_000;
const mostTries = 4;
/** `enum copy_flag`, and where it stands. */
const flag = { changed: 1, written: 2 } as const;
const flagsAt = 12;

export function createCopiedFiles({ compared, levelOf, tell }: CopiedFilesOptions): CopiedFiles {
  const waiting = new Set<string>();
  const mounts = new Map<number, readonly OverlayMount[]>();
  let skipped = 0;
  let isClosed = false;
  const compare = async (event: KernelEvent, key: Buffer, inode: number): Promise<void> => {
    const places = placesOf(mountsOf(event, mounts), event.path);
    const found = places === undefined ? undefined : await compareFiles(places, inode);
    if (found === undefined) skipped++;
    if (found === undefined || isClosed) return;
    const flags =
      ((compared.get(key)?.readUInt32LE(flagsAt) ?? 0) & flag.written) | (found.isChanged ? flag.changed : 0);
    compared.set(key, comparedBytes(found.changedAtNs, flags));
    const isCode = event.kind === "exec" || event.kind === "map-executable";
    if (!found.isChanged || !isCode || event.protection !== undefined || event.origin === undefined) return;
    const verdict = levelOf(event.cgroupId) === "block" && stop(event) ? "killed" : event.verdict;
    tell({ ...event, verdict, protection: "drift", origin: { ...event.origin, isChanged: true } });
  };
  return {
    see(event) {
      const { copyDevice: device, copyGeneration: generation, copyInode: inode } = event.details;
      if (event.origin?.isCopied !== true || levelOf(event.cgroupId) === "off") return;
      if (typeof device !== "number" || typeof generation !== "number" || typeof inode !== "number") return;
      const key = Buffer.concat([u32(device), u32(generation), u64(inode)]);
      const name = key.toString("hex");
      if (waiting.has(name)) return;
      if (waiting.size >= mostWaiting) return void skipped++;
      waiting.add(name);
      compare(event, key, inode)
        .catch(() => void skipped++)
        .finally(() => waiting.delete(name));
    },
    skipped: () => skipped,
    close: () => {
      isClosed = true;
    },
  };
}

/** Only the process that was told of, and not one that got its number. */
function stop({ process: { pid, startedAt } }: KernelEvent): boolean {
  const found = readProcess(pid);
  if (found === undefined || Math.abs(found.startedAt - startedAt) > tickNs) return false;
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // it came to its end meanwhile
  }
}

/** A process may be gone before anybody looks: others of its container had the same mounts. */
function mountsOf(
  { process, cgroupId }: KernelEvent,
  known: Map<number, readonly OverlayMount[]>,
): readonly OverlayMount[] {
  const found = readMountsOf(process.pid);
  if (found.length === 0) return known.get(cgroupId) ?? [];
  known.delete(cgroupId);
  const [oldest] = known.size >= mostContainers ? known.keys() : [];
  if (oldest !== undefined) known.delete(oldest);
  known.set(cgroupId, found);
  return found;
}

type Found = { readonly isChanged: boolean; readonly changedAtNs: bigint };

/** @returns undefined when the file is another one by now, does not hold still, or is too long */
async function compareFiles(
  places: { readonly upper: string; readonly lower: string },
  inode: number,
): Promise<Found | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const upper = await open(places.upper, flags);
  try {
    const lower = await open(places.lower, flags);
    try {
      for (let tries = 0; tries < mostTries; tries++) {
        const before = fstatSync(upper.fd, { bigint: true });
        if (before.ino !== BigInt(inode) || !before.isFile() || before.size > mostBytes) return undefined;
        const isChanged = !(await areEqual(upper, lower, before.size));
        const after = fstatSync(upper.fd, { bigint: true });
        if (after.ctimeNs === before.ctimeNs && isSettled(after)) return { isChanged, changedAtNs: after.ctimeNs };
        await sleep(settleMs);
      }
      return undefined;
    } finally {
      await lower.close();
    }
  } finally {
    await upper.close();
  }
}

function isSettled({ ctimeNs }: BigIntStats): boolean {
  const age = BigInt(Date.now()) * 1_000_000n - ctimeNs;
  return age > settledNs;
}

async function areEqual(upper: FileHandle, lower: FileHandle, size: bigint): Promise<boolean> {
  const other = await lower.stat({ bigint: true });
  if (other.size !== size) return false;
  const [left, right] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
  for (let position = 0; position < Number(size); position += chunkBytes) {
    const [own, image] = await Promise.all([
      upper.read(left, 0, chunkBytes, position),
      lower.read(right, 0, chunkBytes, position),
    ]);
    if (own.bytesRead !== image.bytesRead) return false;
    if (left.compare(right, 0, image.bytesRead, 0, own.bytesRead) !== 0) return false;
    if (own.bytesRead === 0) return false;
  }
  return true;
}

/** `struct compared` */
function comparedBytes(changedAtNs: bigint, flags: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(changedAtNs / 1_000_000_000n, 0);
  bytes.writeUInt32LE(Number(changedAtNs % 1_000_000_000n), 8);
  bytes.writeUInt32LE(flags, flagsAt);
  return bytes;
}
