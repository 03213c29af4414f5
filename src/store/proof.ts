// Proofs that need no copy of the log: that a record is in a tree, and that a tree only grew.
// Source: RFC 6962 section 2.1.1 and 2.1.2 (making), RFC 9162 section 2.1.3.2 and 2.1.4.2 (checking).

import { type HashReader, leftWidth, nodeHash, rangeHash } from "./merkle.ts";

/** PATH(index, D[0:size]): the siblings from the leaf upwards. */
export function inclusionProof(index: number, size: number, read: HashReader): readonly Uint8Array[] {
  return pathIn(index, 0, size, read);
}

function pathIn(index: number, start: number, end: number, read: HashReader): readonly Uint8Array[] {
  if (end - start <= 1) return [];
  const split = start + leftWidth(end - start);
  return index < split
    ? [...pathIn(index, start, split, read), rangeHash(split, end, read)]
    : [...pathIn(index, split, end, read), rangeHash(start, split, read)];
}

/** PROOF(oldSize, D[0:newSize]): empty when there is nothing to prove. */
export function consistencyProof(oldSize: number, newSize: number, read: HashReader): readonly Uint8Array[] {
  return oldSize === 0 || oldSize === newSize ? [] : subproof(oldSize, 0, newSize, true, read);
}

function subproof(
  oldEnd: number,
  start: number,
  end: number,
  isKnown: boolean,
  read: HashReader,
): readonly Uint8Array[] {
  if (oldEnd === end) return isKnown ? [] : [rangeHash(start, end, read)];
  const split = start + leftWidth(end - start);
  return oldEnd <= split
    ? [...subproof(oldEnd, start, split, isKnown, read), rangeHash(split, end, read)]
    : [...subproof(oldEnd, split, end, false, read), rangeHash(start, split, read)];
}

export type InclusionClaim = {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
};

export function isIncluded(claim: InclusionClaim, proof: readonly Uint8Array[]): boolean {
  if (claim.index >= claim.size) return false;
  let { index, leaf: hash } = claim;
  let last = claim.size - 1;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      hash = nodeHash(sibling, hash);
      while (index % 2 === 0 && index !== 0) [index, last] = [index / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  return last === 0 && Buffer.from(hash).equals(claim.root);
}

export type GrowthClaim = {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
};

export function isGrowth(claim: GrowthClaim, proof: readonly Uint8Array[]): boolean {
  const { oldSize, oldRoot, newSize, newRoot } = claim;
  if (oldSize === newSize) return proof.length === 0 && Buffer.from(oldRoot).equals(newRoot);
  if (oldSize === 0) return proof.length === 0;
  if (oldSize > newSize) return false;
  const [first, ...rest] = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let [old, last] = [oldSize - 1, newSize - 1];
  while (old % 2 === 1) [old, last] = [Math.floor(old / 2), Math.floor(last / 2)];
  let [oldHash, newHash] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (old % 2 === 1 || old === last) {
      [oldHash, newHash] = [nodeHash(sibling, oldHash), nodeHash(sibling, newHash)];
      while (old % 2 === 0 && old !== 0) [old, last] = [old / 2, Math.floor(last / 2)];
    } else newHash = nodeHash(newHash, sibling);
    [old, last] = [Math.floor(old / 2), Math.floor(last / 2)];
  }
  return last === 0 && Buffer.from(oldHash).equals(oldRoot) && Buffer.from(newHash).equals(newRoot);
}
