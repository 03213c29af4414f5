// Layers on top of one another: what is still there, and under which names.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FoldedLayers, foldLayers, type LayerToFold } from "../../src/image/layer/fold-layers.ts";
import { archive, file, folder, hardlink, symlink } from "../support/hostile-tar.ts";
import { readTar } from "../support/read-tar.ts";

async function fold(...layers: readonly (readonly Buffer[])[]): Promise<FoldedLayers> {
  const read: LayerToFold[] = [];
  for (const members of layers) {
    const seen = await readTar(archive(...members));
    const wanted = seen.entries.filter(({ kind }) => kind === "file" || kind === "directory").map(({ path }) => path);
    read.push({ paths: seen.summary?.paths ?? new Uint8Array(), wanted });
  }
  return foldLayers(read);
}

/** `LAYER:PATH > PLACE,PLACE`, files only where the name says so. */
function told({ survivors }: FoldedLayers): readonly string[] {
  return survivors.map(({ layer, path, places }) => `${layer}:${path} > ${[...places].sort().join()}`).sort();
}

test("a deleted file is gone", async () => {
  assert.deepEqual(told(await fold([file("x"), file("y")], [file(".wh.x", "")])), ["0:y > y"]);
});

test("a file that is deleted and made again higher up is the higher one", async () => {
  assert.deepEqual(told(await fold([file("x")], [file(".wh.x", "")], [file("x")])), ["2:x > x"]);
});

test("a deleted directory takes what is below it along", async () => {
  const folded = await fold([folder("d"), file("d/x"), file("d2")], [file(".wh.d", "")]);
  assert.deepEqual(told(folded), ["0:d2 > d2"]);
});

test("a directory that is made again after its deletion has only the new content", async () => {
  const folded = await fold([folder("d"), file("d/x")], [file(".wh.d", "")], [folder("d"), file("d/y")]);
  assert.deepEqual(told(folded), ["2:d > d", "2:d/y > d/y"]);
});

test("an opaque directory hides what lower layers have in it, and nothing of its own", async () => {
  const folded = await fold(
    [folder("d"), file("d/x"), file("e")],
    [folder("d"), file("d/.wh..wh..opq", ""), file("d/y")],
  );
  assert.deepEqual(told(folded), ["0:e > e", "1:d > d", "1:d/y > d/y"]);
});

test("an opaque directory of a middle layer hides lower layers from the highest too", async () => {
  const folded = await fold(
    [folder("d"), file("d/x")],
    [folder("d"), file("d/.wh..wh..opq", "")],
    [folder("d"), file("d/z")],
  );
  assert.deepEqual(told(folded), ["2:d > d", "2:d/z > d/z"]);
});

test("a file in the place of a directory hides it with its content", async () => {
  assert.deepEqual(told(await fold([folder("d"), file("d/x")], [file("d")])), ["1:d > d"]);
});

test("a directory in the place of a file hides it", async () => {
  assert.deepEqual(told(await fold([file("d")], [folder("d"), file("d/x")])), ["1:d > d", "1:d/x > d/x"]);
});

test("a symlink in the place of a file or directory hides it", async () => {
  assert.deepEqual(told(await fold([folder("d"), file("d/x"), file("f")], [symlink("d", "e"), symlink("f", "e")])), []);
});

test("a hard link keeps the file of its own layer alive", async () => {
  assert.deepEqual(told(await fold([file("x"), hardlink("y", "x")], [file(".wh.x", "")])), ["0:x > y"]);
});

test("a hard link keeps a file of a lower layer alive that is deleted beside it", async () => {
  const folded = await fold([file("x")], [hardlink("y", "x"), file(".wh.x", "")], [hardlink("z", "y")]);
  assert.deepEqual(told(folded), ["0:x > y,z"]);
});

test("a hard link of a higher layer to a replaced file is the new one", async () => {
  assert.deepEqual(told(await fold([file("x", "old")], [file("x", "new"), hardlink("y", "x")])), ["1:x > x,y"]);
});

test("a directory without an entry of its own leaves the lower one as it is", async () => {
  const folded = await fold([folder("d"), file("d/x")], [file("d/y")]);
  assert.deepEqual(told(folded), ["0:d > d", "0:d/x > d/x", "1:d/y > d/y"]);
});

test("names are compared byte by byte", async () => {
  const folded = await fold([file("caf\u00e9"), file("X")], [file(".wh.cafe\u0301", ""), file(".wh.x", "")]);
  assert.deepEqual(told(folded), ["0:X > X", "0:caf\u00e9 > caf\u00e9"]);
});

test("what a program opens is found through links, of directories and files, across layers", async () => {
  const { resolve } = await fold(
    [
      folder("usr"),
      folder("usr/lib"),
      file("usr/lib/os-release"),
      symlink("lib", "usr/lib"),
      symlink("etc/os-release", "../usr/lib/os-release"),
    ],
    [
      symlink("loop", "loop"),
      symlink("abs", "/lib"),
      hardlink("hard", "usr/lib/os-release"),
      symlink("dangling", "nowhere"),
    ],
  );
  const found = { layer: 0, path: "usr/lib/os-release" };
  assert.deepEqual(
    ["etc/os-release", "lib/os-release", "abs/os-release", "hard", "/usr/../lib/./os-release"].map(resolve),
    [found, found, found, found, found],
  );
  assert.deepEqual(
    ["loop", "dangling", "usr", "none", "lib/none", ""].map(resolve),
    Array.from({ length: 6 }, () => undefined),
  );
});

test("a replaced target of a link is found in its new layer, a deleted one is not", async () => {
  const replaced = await fold([file("real"), symlink("link", "real")], [file("real", "new")]);
  const deleted = await fold([file("real"), symlink("link", "real")], [file(".wh.real", "")]);
  assert.deepEqual([replaced.resolve("link"), deleted.resolve("link")], [{ layer: 1, path: "real" }, undefined]);
});

test("entries below a link of a lower layer are told, since engines differ on them", async () => {
  const link = await fold([folder("usr"), symlink("bin", "usr")], [file("bin/x")]);
  const plain = await fold([file("d")], [file("d/x")]);
  const whole = await fold([symlink("bin", "usr")], [folder("bin"), file("bin/x")]);
  const rules = (folded: FoldedLayers): readonly string[] => folded.ambiguities.map(({ ambiguity }) => ambiguity.rule);
  assert.deepEqual([rules(link), rules(plain), rules(whole)], [["below-lower-link"], ["below-lower-file"], []]);
});

test("a tree that was stored is the same after it is read again, whatever letters are in its names", async () => {
  const names = ["a", "\u00ff", "\u20ac\u{1f600}", "x".repeat(90)];
  const folded = await fold(
    [...names.map((name) => file(name)), symlink("l", "\u20ac\u{1f600}")],
    [file(`.wh.${names[2]}`, "")],
  );
  assert.deepEqual(
    [told(folded), folded.resolve("l")],
    [
      names
        .filter((_, index) => index !== 2)
        .map((name) => `0:${name} > ${name}`)
        .sort(),
      undefined,
    ],
  );
});

test("bytes that are no stored tree are refused", () => {
  const hostile = [
    new Uint8Array(),
    new Uint8Array(11),
    new Uint8Array(12),
    Buffer.alloc(64, 0xff),
    Buffer.from("0a000000ff00000000000000", "hex"),
  ];
  for (const paths of hostile) {
    assert.throws(() => foldLayers([{ paths, wanted: [] }]), { code: "MALFORMED_INPUT" });
  }
});
