// What an event of one kind has beside what all have: the numbers of the record, by name.

import type { KernelEventKind } from "../../model/watch.ts";
import { flag } from "./layout.ts";
import { actions } from "./system-calls.ts";

type Details = Readonly<Record<string, number | string>>;

export type RawDetails = {
  readonly call: number;
  readonly family: number;
  readonly flags: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Of a file of the image that was copied up: the copy itself. */
  readonly device: number;
  readonly generation: number;
  readonly inode: number;
  /** Of a call that is looked at when it returns; 0 is none. */
  readonly error: number;
  /** A second name: where it was, what it points to, which file system. */
  readonly other: string;
};

const none: Details = Object.freeze({});

export function readDetails(kind: KernelEventKind, raw: RawDetails): Details {
  if (raw.call === 0) return (raw.flags & flag.changed) === 0 ? withoutCall(kind, raw) : { inode: raw.b };
  const systemCall = actions[raw.call]?.name ?? "";
  return { systemCall, ...withCall(kind, raw), ...((raw.flags & flag.compat) === 0 ? none : { is32Bit: 1 }) };
}

/** Told by programs that see no system call. */
function withoutCall(kind: KernelEventKind, raw: RawDetails): Details {
  switch (kind) {
    case "exec":
      return execDetails(raw);
    case "fork":
      return { startedAt: raw.a, containerPid: raw.c };
    case "exit":
      return { status: (raw.a >>> 8) & 0xff, signal: raw.a & 0x7f };
    case "io-uring":
      return { operation: raw.a };
    case "connect":
    case "bind":
    case "send":
      return { type: raw.a, protocol: raw.b };
    case "socket":
      return { family: raw.family, type: raw.a, protocol: raw.b };
    case "open":
      return (raw.flags & flag.device) === 0 ? none : device(raw);
    case "memory":
      return { mode: raw.a };
    default:
      return none;
  }
}

function withCall(kind: KernelEventKind, raw: RawDetails): Details {
  if ((raw.flags & flag.changed) !== 0) return { inode: raw.b };
  switch (kind) {
    case "create":
      // Folders and devices, made by name; files are opened.
      return raw.b === 0 ? { mode: raw.a } : { flags: raw.a, mode: raw.c, inode: raw.b };
    case "open":
      return { flags: raw.a, mode: raw.c, inode: raw.b, ...copied(raw) };
    case "chmod":
      return { mode: raw.a };
    case "rename":
    case "link":
      return { from: raw.other };
    case "map-executable":
      return { inode: raw.a, ...copied(raw) };
    case "memory":
      return { request: raw.a };
    case "mount":
      return { flags: raw.a, type: raw.other, ...(raw.error === 0 ? none : { error: raw.error }) };
    case "set-user":
      return { uid: raw.a };
    case "bpf":
    case "keyctl":
      return { command: raw.a };
    case "io-uring":
      return { entries: raw.a };
    case "socket":
      return { family: raw.family, type: raw.a, protocol: raw.b };
    case "connect":
      return { family: raw.family };
    default:
      return { flags: raw.a };
  }
}

/** In the order of `enum descriptor` in probes/exec.bpf.c. */
const descriptors = ["", "socket", "pipe", "terminal", "file"] as const;

/** What its three first descriptors are, four bits each; the same few combinations come again and again. */
function execDetails(raw: RawDetails): Details {
  let known = execKinds.get(raw.b);
  if (known === undefined) {
    const streams = Object.entries({ stdin: 8, stdout: 12, stderr: 16 }).flatMap(([name, shift]) => {
      const word = descriptors[(raw.b >>> shift) & 15] ?? "";
      return word === "" ? [] : [[name, word] as const];
    });
    known = Object.freeze({ ...((raw.b & 1) === 0 ? none : { isScript: 1 }), ...Object.fromEntries(streams) });
    execKinds.set(raw.b, known);
  }
  return raw.inode === 0 ? known : { ...known, ...copied(raw) };
}

/** At most 250: four values each for three, and whether it is a script. */
const execKinds = new Map<number, Details>();

/** Where the copy of an image's file lies, for who compares it. */
function copied(raw: RawDetails): Details {
  return raw.inode === 0 ? none : { copyDevice: raw.device, copyGeneration: raw.generation, copyInode: raw.inode };
}

function device(raw: RawDetails): Details {
  return { device: `${Math.floor(raw.a / 0x1_0000_0000)}:${raw.a >>> 0}`, type: raw.b === 1 ? "block" : "character" };
}
