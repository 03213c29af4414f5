// The tree against the certificate-transparency project's published roots, and against RFC 6962's definitions written
// down a second time, without storing anything.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  appendLeaf,
  emptyTree,
  type HashReader,
  leafHash,
  loadTree,
  rootOf,
  type Tree,
  tileRoot,
} from "../../src/store/merkle.ts";
import { consistencyProof, inclusionProof, isGrowth, isIncluded } from "../../src/store/proof.ts";

// google/certificate-transparency, test vectors of merkle_tree_test: eight leaves and the root after each.
const vectors = [
  ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  ["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  ["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  ["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
  ["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
  ["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
  ["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
  ["606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
] as const;

test("the roots are those of the certificate-transparency test vectors", () => {
  let tree = emptyTree;
  const roots = vectors.map(([leaf]) => {
    tree = appendLeaf(tree, leafHash(Buffer.from(leaf, "hex")), () => {});
    return hex(rootOf(tree));
  });
  assert.deepEqual(
    [hex(rootOf(emptyTree)), ...roots],
    ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ...vectors.map(([, root]) => root)],
  );
});

test("trees of every size have the root of the definition, also when they are loaded from stored hashes", () => {
  const log = grow(1100);
  const wrong = [...sizes(300), 511, 512, 513, 767, 768, 1023, 1024, 1025, 1100].filter((size) => {
    const expected = hex(naiveRoot(log.entries.slice(0, size)));
    return hex(rootOf(loadTree(size, log.read))) !== expected || log.roots[size] !== expected;
  });
  assert.deepEqual(wrong, []);
});

test("a tree of 66,000 leaves is the same whether it was grown or loaded, and keeps hashes on three levels", () => {
  const log = grow(66_000);
  assert.deepEqual(
    [hex(rootOf(loadTree(66_000, log.read))), hex(tileRoot(2, 0, log.read)), hex(tileRoot(1, 200, log.read))],
    [log.roots[66_000], hex(log.read(2, 0)), hex(log.read(1, 200))],
  );
});

test("inclusion proofs are those of RFC 6962 and hold for their own leaf only", () => {
  const log = grow(600);
  const indexes = fc
    .integer({ min: 1, max: 600 })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));
  fc.assert(
    fc.property(indexes, ([index, size]) => {
      const proof = inclusionProof(index, size, log.read);
      const leaf = leafHash(log.entries[index] ?? Buffer.alloc(0));
      const claim = { index, size, leaf, root: Buffer.from(log.roots[size] ?? "", "hex") };
      assert.deepEqual(proof.map(hex), naivePath(index, log.entries.slice(0, size)).map(hex));
      assert.deepEqual(
        [
          isIncluded(claim, proof),
          isIncluded({ ...claim, leaf: leafHash(Buffer.from("other")) }, proof),
          isIncluded({ ...claim, index: size }, proof),
          isIncluded(claim, [...proof, leaf]),
        ],
        [true, false, false, false],
      );
    }),
  );
});

test("consistency proofs are those of RFC 6962 and refuse any other root", () => {
  const log = grow(600);
  const pairs = fc
    .integer({ min: 1, max: 600 })
    .chain((size) => fc.tuple(fc.integer({ min: 0, max: size }), fc.constant(size)));
  fc.assert(
    fc.property(pairs, ([oldSize, newSize]) => {
      const proof = consistencyProof(oldSize, newSize, log.read);
      const claim = { oldSize, newSize, oldRoot: rootAt(log, oldSize), newRoot: rootAt(log, newSize) };
      const other = leafHash(Buffer.from("other"));
      assert.deepEqual(
        proof.map(hex),
        (oldSize === 0 ? [] : naiveSubproof(oldSize, log.entries.slice(0, newSize), true)).map(hex),
      );
      assert.deepEqual(
        [
          isGrowth(claim, proof),
          isGrowth({ ...claim, oldRoot: other }, proof),
          isGrowth({ ...claim, newRoot: other }, proof),
        ],
        [true, oldSize === 0, oldSize === 0],
      );
    }),
  );
});

type Log = {
  readonly entries: readonly Buffer[];
  readonly roots: readonly string[];
  readonly read: HashReader;
  readonly tree: Tree;
};

function grow(size: number): Log {
  const entries = sizes(size)
    .slice(1)
    .map((number) => Buffer.from(`entry ${number}`));
  const stored = new Map<string, Uint8Array>();
  let tree = emptyTree;
  const roots = [hex(rootOf(tree))];
  for (const [index, entry] of entries.entries()) {
    stored.set(`0/${index}`, leafHash(entry));
    tree = appendLeaf(tree, leafHash(entry), ({ level, tile, first, hashes }) => {
      for (const [place, hash] of hashes.entries()) stored.set(`${level}/${tile * 256 + first + place}`, hash);
    });
    roots.push(hex(rootOf(tree)));
  }
  const read: HashReader = (level, number) => stored.get(`${level}/${number}`) ?? assert.fail(`${level}/${number}`);
  return { entries, roots, read, tree };
}

function rootAt(log: Log, size: number): Uint8Array {
  return Buffer.from(log.roots[size] ?? "", "hex");
}

function sizes(last: number): number[] {
  return Array.from({ length: last + 1 }, (_, index) => index);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function naiveRoot(entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0] ?? Buffer.of());
  const k = splitPoint(entries.length);
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
}

function naivePath(index: number, entries: readonly Buffer[]): Buffer[] {
  if (entries.length <= 1) return [];
  const k = splitPoint(entries.length);
  return index < k
    ? [...naivePath(index, entries.slice(0, k)), naiveRoot(entries.slice(k))]
    : [...naivePath(index - k, entries.slice(k)), naiveRoot(entries.slice(0, k))];
}

function naiveSubproof(size: number, entries: readonly Buffer[], isWhole: boolean): Buffer[] {
  if (size === entries.length) return isWhole ? [] : [naiveRoot(entries)];
  const k = splitPoint(entries.length);
  return size <= k
    ? [...naiveSubproof(size, entries.slice(0, k), isWhole), naiveRoot(entries.slice(k))]
    : [...naiveSubproof(size - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))];
}

function splitPoint(length: number): number {
  let k = 1;
  while (k * 2 < length) k *= 2;
  return k;
}
