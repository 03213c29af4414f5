// What a real engine makes of a layer: it imports the tar, and we look at the folder that it extracted.

import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { TestEngine } from "./engine.ts";
import { request } from "./http.ts";

export type ExtractedFile = {
  readonly kind: "file" | "directory" | "symlink" | "character-device" | "block-device" | "fifo" | "socket";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly mtime: number;
  readonly target: string;
  /** SHA-256 of a file, hex; "" for a file too large to read. */
  readonly content: string;
  /** Names of the file. */
  readonly links: number;
  readonly size: number;
};

/** By path, whose bytes stand as latin1 letters; undefined when the engine refuses the layer. */
export type Extracted = ReadonlyMap<string, ExtractedFile> | undefined;

/** @param driver `overlay2` or `vfs` */
export async function extractByEngine(engine: TestEngine, driver: string, tar: Buffer): Promise<Extracted> {
  const reply = await request(engine.socket, "POST", "/images/create?fromSrc=-", {
    body: tar,
    headers: { "Content-Type": "application/x-tar" },
  });
  const image = /"status":"sha256:([a-f0-9]{64})"/.exec(reply.text)?.[1];
  if (image === undefined) return undefined;
  const data = join(engine.folder, "data");
  const diffId = createHash("sha256").update(tar).digest("hex");
  const cacheId = await readFile(join(data, "image", driver, "layerdb/sha256", diffId, "cache-id"), "utf8");
  const root = driver === "vfs" ? join(data, "vfs/dir", cacheId) : join(data, driver, cacheId, "diff");
  const found = new Map<string, ExtractedFile>();
  await walk(Buffer.from(root), "", found);
  await request(engine.socket, "DELETE", `/images/${image}?force=1`);
  return found;
}

/** What stands in a folder. */
export async function lookInto(folder: string): Promise<ReadonlyMap<string, ExtractedFile>> {
  const found = new Map<string, ExtractedFile>();
  await walk(Buffer.from(folder), "", found);
  return found;
}

/** The merged files of an image that an engine with vfs loads; undefined when it refuses. */
export async function mergeByEngine(engine: TestEngine, saved: Buffer, tars: readonly Buffer[]): Promise<Extracted> {
  const reply = await request(engine.socket, "POST", "/images/load?quiet=1", {
    body: saved,
    headers: { "Content-Type": "application/x-tar" },
  });
  const isLoaded = /Loaded image/.test(reply.text);
  if (!isLoaded) return undefined;
  const data = join(engine.folder, "data");
  const cacheId = await readFile(join(data, "image/vfs/layerdb/sha256", chainOf(tars), "cache-id"), "utf8");
  const found = new Map<string, ExtractedFile>();
  await walk(Buffer.from(join(data, "vfs/dir", cacheId)), "", found);
  await request(engine.socket, "DELETE", "/images/team/app:1?force=1");
  return found;
}

/** Source: OCI image-spec v1.1.0, config.md, "Layer ChainID". */
function chainOf(tars: readonly Buffer[]): string {
  const sha256 = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");
  return tars.map(sha256).reduce((chain, diffId) => sha256(`sha256:${chain} sha256:${diffId}`));
}

const largest = 64 * 1024 * 1024;

async function walk(folder: Buffer, path: string, found: Map<string, ExtractedFile>): Promise<void> {
  for (const name of await readdir(folder, { encoding: "buffer" })) {
    const full = Buffer.concat([folder, Buffer.from("/"), name]);
    const below = path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`;
    const file = await look(full);
    found.set(below, file);
    if (file.kind === "directory") await walk(full, below, found);
  }
}

async function look(path: Buffer): Promise<ExtractedFile> {
  const stat = await lstat(path);
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "directory"
      : stat.isSymbolicLink()
        ? "symlink"
        : stat.isCharacterDevice()
          ? "character-device"
          : stat.isBlockDevice()
            ? "block-device"
            : stat.isFIFO()
              ? "fifo"
              : "socket";
  const isRead = kind === "file" && stat.size <= largest;
  return {
    kind,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    mtime: Math.floor(stat.mtimeMs / 1000),
    target: kind === "symlink" ? (await readlink(path, { encoding: "buffer" })).toString("latin1") : "",
    content: isRead
      ? createHash("sha256")
          .update(await readFile(path))
          .digest("hex")
      : "",
    links: stat.nlink,
    size: stat.size,
  };
}
