// Folders as layers: whiteouts and opaque marks of overlay, names that are not UTF-8, and folders that change meanwhile.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { foldLayers } from "../../src/image/layer/fold-layers.ts";
import { type ReadLayer, readLayer } from "../../src/image/layer/read-layer.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import type { FileEntry, LayerVisitor } from "../../src/model/layer.ts";
import { scratch } from "../support/oci-image.ts";
import { nothingExpected } from "../support/read-tar.ts";

const isRoot = process.getuid?.() === 0;

async function look(path: string, visit: LayerVisitor["visit"] = () => undefined, limits = {}): Promise<ReadLayer> {
  return await readLayer({ kind: "directory", path }, nothingExpected, { ...defaultImageLimits, ...limits }, { visit });
}

test("an overlay's upper directory deletes and hides what is below", {
  skip: isRoot ? false : "needs root to make devices",
}, async (t) => {
  const folder = await scratch(t);
  const [lower, upper] = [join(folder, "lower"), join(folder, "upper")];
  for (const path of ["d/x", "e/x"]) {
    await mkdir(join(lower, path, ".."), { recursive: true });
    await writeFile(join(lower, path), "lower");
  }
  await writeFile(join(lower, "gone"), "lower");
  await mkdir(join(upper, "d"), { recursive: true });
  await writeFile(join(upper, "d/y"), "upper");
  execFileSync("mknod", [join(upper, "gone"), "c", "0", "0"]);
  execFileSync("python3", [
    "-c",
    "import os, sys; os.setxattr(sys.argv[1], 'trusted.overlay.opaque', b'y')",
    join(upper, "d"),
  ]);
  const read = async (path: string): Promise<{ paths: Uint8Array; wanted: string[] }> => {
    const wanted: string[] = [];
    const { paths } = await look(path, (entry) => void (entry.kind === "file" && wanted.push(entry.path)));
    return { paths, wanted };
  };
  const { survivors } = foldLayers([await read(lower), await read(upper)]);
  assert.deepEqual(survivors.map(({ path }) => path).sort(), ["d/y", "e/x"]);
});

test("a name that is not UTF-8 keeps its bytes apart from others", async (t) => {
  const folder = await scratch(t);
  for (const byte of [0xfe, 0xff])
    await writeFile(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([byte])]), "x");
  const paths: string[] = [];
  await look(folder, (entry) => void paths.push(entry.path));
  assert.deepEqual(paths.sort(), ["a\udcfe", "a\udcff"]);
});

test("a directory that becomes a link while it is read leads nowhere", async (t) => {
  const folder = await scratch(t);
  const [root, outside] = [join(folder, "root"), join(folder, "outside")];
  await mkdir(join(root, "a"), { recursive: true });
  await mkdir(join(root, "b"));
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "of the host");
  await writeFile(join(root, "a/file"), "x");
  await writeFile(join(root, "b/file"), "x");
  const seen: FileEntry[] = [];
  const swap = (entry: FileEntry): undefined => {
    seen.push(entry);
    // Each directory is exchanged between being seen and being opened.
    if (entry.kind === "directory") {
      execFileSync("mv", [join(root, entry.path), join(folder, `was-${entry.path}`)]);
      execFileSync("ln", ["-s", outside, join(root, entry.path)]);
    }
  };
  await look(root, swap);
  assert.deepEqual(seen.map(({ path, kind }) => `${kind} ${path}`).sort(), ["directory a", "directory b"]);
});

test("files that vanish or cannot be what they were are left out", async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, "root"));
  for (const name of ["a", "b", "c"]) await writeFile(join(folder, "root", name), name);
  const seen: string[] = [];
  const remove = (entry: FileEntry): undefined => {
    if (seen.length === 0) execFileSync("sh", ["-c", 'rm -f "$1"/a "$1"/b "$1"/c', "sh", join(folder, "root")]);
    seen.push(entry.path);
  };
  await look(join(folder, "root"), remove);
  assert.equal(seen.length, 1);
});

test("limits hold for folders too", async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, "root/a/b/c"), { recursive: true });
  await writeFile(join(folder, "root/a/b/c/file"), Buffer.alloc(1000));
  const all: LayerVisitor["visit"] = () => ({ write: () => undefined, end: () => undefined });
  const root = join(folder, "root");
  await assert.rejects(look(root, all, { maxEntries: 3 }), { code: "LIMIT_EXCEEDED" });
  await assert.rejects(look(root, all, { maxDepth: 3 }), { code: "LIMIT_EXCEEDED" });
  await assert.rejects(look(root, all, { maxLayerBytes: 999 }), { code: "LIMIT_EXCEEDED" });
});

test("what a folder holds is told as it is: modes, owners, links, contents", async (t) => {
  const folder = await scratch(t);
  const root = join(folder, "root");
  await mkdir(root);
  await writeFile(join(root, "file"), "content");
  await chmod(join(root, "file"), 0o4711);
  await symlink("../up", join(root, "link"));
  await rename(join(root, "file"), join(root, "renamed"));
  await rm(join(root, "none"), { force: true });
  const seen: object[] = [];
  await look(root, (entry) => {
    const pieces: Buffer[] = [];
    return {
      write: (chunk) => void pieces.push(Buffer.from(chunk)),
      end: () =>
        void seen.push({
          path: entry.path,
          mode: entry.mode,
          content: Buffer.concat(pieces).toString(),
          size: entry.size,
        }),
    };
  });
  assert.deepEqual(seen, [{ path: "renamed", mode: 0o4711, content: "content", size: 7 }]);
});

test("a file that may not be read is an error that is told", async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, "root"));
  await writeFile(join(folder, "root/secret"), "x");
  await chmod(join(folder, "root/secret"), 0);
  const path = pathToFileURL(join(import.meta.dirname, "../support/open-image.ts")).href;
  const settings = pathToFileURL(join(import.meta.dirname, "../support/oci-image.ts")).href;
  await chmod(folder, 0o755);
  const script = `
    if (process.getuid() === 0) process.setuid(65534);
    const { refusal } = await import("${path}");
    const { settingsFor } = await import("${settings}");
    console.log(await refusal("${folder}/root", settingsFor("${folder}")));
    console.log(await refusal("${folder}/none/", settingsFor("${folder}")).catch((error) => error.message.split(" ")[0]));`;
  const told = execFileSync(process.execPath, ["--input-type=module", "--eval", script]).toString();
  assert.deepEqual(told.trim().split("\n"), ["PERMISSION_NEEDED", "no"]);
});
