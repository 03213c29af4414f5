// Extended attributes of a file, which Node does not read. Links are not followed.
// Source: llistxattr(2), lgetxattr(2).

import { PlimsollError } from "../errors.ts";
import { lazily } from "../lazily.ts";
import { openLibc } from "./libc.ts";

const ERANGE = 34;
const ENODATA = 61;
const EOPNOTSUPP = 95;
const ENOENT = 2;
/** XATTR_LIST_MAX and XATTR_SIZE_MAX of Linux. */
const largest = 64 * 1024;

const none: Readonly<Record<string, string>> = Object.freeze({});

const calls = lazily(() => {
  const libc = openLibc();
  return {
    list: libc.declare("long llistxattr(const void *path, void *list, size_t size)"),
    get: libc.declare("long lgetxattr(const void *path, const void *name, void *value, size_t size)"),
    errno: libc.errno,
    /** Used again for every file: there are many. */
    buffer: Buffer.alloc(largest),
  };
});

/** @param path as bytes, without NUL @returns values as latin1 text @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED */
export function readXattrs(path: Buffer): Readonly<Record<string, string>> {
  const full = Buffer.concat([path, Buffer.alloc(1)]);
  const { list, get, buffer } = calls();
  const length = lengthOf(list(full, buffer, largest));
  if (length === 0) return none;
  const xattrs: Record<string, string> = Object.create(null);
  for (const name of buffer.toString("latin1", 0, length).split("\0").filter(Boolean)) {
    const size = lengthOf(get(full, Buffer.from(`${name}\0`, "latin1"), buffer, largest));
    xattrs[name] = buffer.toString("latin1", 0, size);
  }
  return xattrs;
}

function lengthOf(result: unknown): number {
  const length = Number(result);
  if (length >= 0) return length;
  const errno = calls().errno();
  if (errno === ENODATA || errno === EOPNOTSUPP || errno === ENOENT) return 0;
  throw new PlimsollError(
    "PERMISSION_NEEDED",
    `extended attributes: error ${errno}${errno === ERANGE ? " (too long)" : ""}`,
    {
      hint: "run as root to read the folders of an engine",
    },
  );
}
