// What a container sees of lower layers: the rules of whiteouts, against a plain model that keeps a whole file tree.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { coveredPaths } from "../../src/admission/layer/covered-paths.ts";
import { PathRecorder, readPaths } from "../../src/admission/layer/path-recorder.ts";
import type { EntryKind } from "../../src/model/layer.ts";

type Entry = readonly [string, EntryKind];

function record(entries: readonly Entry[]): Uint8Array {
  const recorder = new PathRecorder();
  for (const [path, kind] of entries) recorder.add(path, kind);
  return recorder.take();
}

function covered(layers: readonly (readonly Entry[])[]): readonly (readonly string[])[] {
  const asked = layers.map((layer) => new Set(layer.filter(([, kind]) => kind === "file").map(([path]) => path)));
  return coveredPaths(layers.map(record), asked).map((paths) => [...paths].sort());
}

test("a file that is deleted and made again is covered below and stands above", () => {
  assert.deepEqual(covered([[["a/b", "file"]], [["a/b", "whiteout"]], [["a/b", "file"]]]), [["a/b"], [], []]);
});

test("a whiteout of a lower layer does not delete what a higher one makes", () => {
  assert.deepEqual(covered([[["a", "whiteout"]], [["a", "file"]]]), [[], []]);
});

test("an opaque directory hides what lower layers have in it, and not what its own layer puts there", () => {
  const upper: readonly Entry[] = [
    ["etc", "directory"],
    ["etc", "opaque"],
    ["etc/new", "file"],
  ];
  assert.deepEqual(
    covered([
      [
        ["etc/old", "file"],
        ["etcetera", "file"],
      ],
      upper,
    ]),
    [["etc/old"], []],
  );
});

test("a file, link or whiteout in the place of a directory covers all that was in it; a directory joins", () => {
  const below: readonly Entry[] = [
    ["usr/lib/a", "file"],
    ["usr/lib64", "file"],
  ];
  for (const kind of ["file", "symlink", "whiteout", "hardlink", "fifo"] as const) {
    assert.deepEqual(covered([below, [["usr/lib", kind]]]), [["usr/lib/a"], []], kind);
  }
  assert.deepEqual(covered([below, [["usr/lib", "directory"]]]), [[], []]);
});

test("paths survive being recorded, whatever they are made of", () => {
  const path = fc.string({ unit: "binary", maxLength: 40 });
  const kind = fc.constantFrom<EntryKind>("file", "directory", "whiteout", "opaque", "fifo");
  fc.assert(
    fc.property(fc.array(fc.tuple(path, kind), { maxLength: 40 }), (entries) => {
      const odd: readonly Entry[] = [...entries, ["a/\udc80\udcff", "file"]];
      assert.deepEqual(
        [...readPaths(record(odd))],
        odd.map(([each, its]) => ({ path: each, kind: its })),
      );
    }),
  );
});

test("recorded paths that were damaged are refused, never read past their end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        for (const { path } of readPaths(bytes)) assert.ok(path.length < 0x2_0000);
      } catch (thrown) {
        assert.match(String(thrown), /recorded paths/);
      }
    }),
  );
});

test("for any layers, a file is covered exactly when a plain file tree no longer shows it", () => {
  const name = fc.constantFrom("a", "b", "c");
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const kind = fc.constantFrom<EntryKind>("file", "file", "directory", "whiteout", "opaque", "symlink");
  const layer = fc.uniqueArray(fc.tuple(path, kind), { maxLength: 6, selector: ([each]) => each });
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 4 }), (layers) => {
      const clean = layers.map(withoutContradictions);
      const found = covered(clean).flatMap((paths, at) => paths.map((each) => `${at}:${each}`));
      assert.deepEqual(found.sort(), coveredInTree(clean));
    }),
  );
});

/** One layer never has something below a path that is no directory in it: readers differ on such layers, and scans report them. */
function withoutContradictions(layer: readonly Entry[]): readonly Entry[] {
  return layer.filter(
    ([path]) =>
      !layer.some(([other, kind]) => kind !== "directory" && kind !== "opaque" && path.startsWith(`${other}/`)),
  );
}

function coveredInTree(layers: readonly (readonly Entry[])[]): readonly string[] {
  const tree = new Map<string, number>();
  const gone: string[] = [];
  const drop = (path: string): void => {
    const layer = tree.get(path);
    if (layer !== undefined && layer >= 0) gone.push(`${layer}:${path}`);
    tree.delete(path);
  };
  for (const [index, layer] of layers.entries()) {
    const before = [...tree.keys()];
    const below = (path: string) => before.filter((each) => each.startsWith(`${path}/`));
    for (const [path, kind] of layer) {
      if (kind !== "opaque" && before.includes(path)) drop(path);
      if (kind !== "directory") for (const each of below(path)) drop(each);
    }
    for (const [path, kind] of layer) if (kind === "file") tree.set(path, index);
  }
  return gone.sort();
}
