// The first file system of the guest: busybox, a few kernel modules and a script, as an archive that the kernel unpacks.
// Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst ("newc").

import { gzipSync } from "node:zlib";

export type InitrdFile = {
  readonly path: string;
  readonly data: Uint8Array | string;
  readonly mode: number;
};

const folder = 0o040755;
const regular = 0o100000;

export function initrd(files: readonly InitrdFile[]): Buffer {
  const folders = [...new Set(files.flatMap(({ path }) => parents(path)))].sort();
  const entries = [
    ...folders.map((path) => entry(path, folder, Buffer.alloc(0))),
    ...files.map(({ path, data, mode }) => entry(path, regular | mode, Buffer.from(data))),
    entry("TRAILER!!!", 0, Buffer.alloc(0)),
  ];
  return gzipSync(Buffer.concat(entries), { level: 1 });
}

/** `a/b/c` -> `a`, `a/b` */
function parents(path: string): readonly string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function entry(path: string, mode: number, data: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, time, size, major, minor, major and minor of a device, length of the name, checksum
  const numbers = [0, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}`;
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(data)]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
