// What the flags of an open ask for. Source: open(2); Linux include/uapi/asm-generic/fcntl.h.

import type { KernelEvent } from "../../model/watch.ts";

const accessMask = 0o3;
const create = 0o100;
const truncate = 0o1000;
/** O_TMPFILE without its O_DIRECTORY. */
const temporaryFile = 0o20000000;

export type OpenFlags = {
  readonly isRead: boolean;
  readonly isWrite: boolean;
  readonly isCreate: boolean;
  readonly isTruncate: boolean;
};

/** A file that is made, renamed or changed in any other way is written by its kind alone. */
export function openFlags({ kind, details }: KernelEvent): OpenFlags {
  if (kind === "create") return { isRead: false, isWrite: true, isCreate: true, isTruncate: false };
  const flags = kind === "open" && typeof details["flags"] === "number" ? details["flags"] : 0;
  const isCreate = (flags & (create | temporaryFile)) !== 0;
  const isRead = kind === "open" && (flags & accessMask) !== 1;
  const isTruncate = (flags & truncate) !== 0;
  return { isRead, isWrite: (flags & accessMask) !== 0 || isTruncate || isCreate, isCreate, isTruncate };
}
