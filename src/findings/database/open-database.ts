// Reads an advisory database. Every byte is checked before it is believed: the signature when it opens, each block when it is first read.

import { closeSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import { boolean, decode, number, object, string } from "../../base/schema.ts";
import type { Advisory, DistributionSupport, Exploitation } from "../../model/advisory.ts";
import type { Vulnerability } from "../../model/finding.ts";
import type { AdvisoryData } from "../../model/scan.ts";
import { cvssScore } from "../cvss.ts";
import { decodeAdvisories } from "./advisory-row.ts";
import { keyOf, type Table } from "./format.ts";
import { openBlocks } from "./read-blocks.ts";
import { readHead } from "./read-head.ts";
import { readTrustedKeys } from "./signing.ts";
import { toWeaknesses, type Weakness } from "./weaknesses.ts";

export interface AdvisoryDatabase {
  readonly data: AdvisoryData;
  /** Public key, base64, of who built it. */
  readonly signedBy: string;
  readonly feeds: readonly (AdvisoryData["feeds"][number] & { readonly isComplete: boolean })[];
  /** `deb:debian:12` and how many advisories there are for it. */
  readonly namespaces: ReadonlyMap<string, number>;
  advisoriesFor(namespace: string, packageName: string): readonly Advisory[];
  /** All advisories of one package, filed in several places or under several names. */
  knownOf(places: readonly Place[]): KnownPackage;
  /** The answer given before to the same question; `make` answers it the first time, and each time as long as it is not final. */
  findingsOf(question: string, make: () => Answer): readonly Vulnerability[];
  /** @param id a CVE */
  exploitationOf(id: string): Exploitation;
  supportOf(distribution: string, version: string): DistributionSupport | undefined;
  /** Reads every block. @throws PlimsollError ADVISORIES_INVALID for one that was changed */
  verifyAll(): void;
  close(): void;
}

export type Answer = { readonly findings: readonly Vulnerability[]; readonly isFinal: boolean };

export type KnownPackage = {
  readonly advisories: readonly Advisory[];
  /** The same by weakness: worked out when somebody asks first, which most packages are too new for. */
  weaknesses(): readonly Weakness[];
};

export type Place = { readonly namespace: string; readonly name: string };

export type OpenDatabaseOptions = {
  /** Public keys, base64; else those of the file `trusted-keys` beside the database. */
  readonly trustedKeys?: readonly string[];
  /** Many images are asked about, one after the other: what was read and worked out for one is kept for the next. */
  readonly forManyImages?: boolean;
};

/** What stays in memory: packages with their advisories, findings of packages, scores, and bytes of blocks. */
type Room = { readonly packages: number; readonly answers: number; readonly scores: number; readonly bytes: number };

/** A list of packages is asked about in the order in which advisories are filed: what lies together is needed together. */
const forOneImage: Room = { packages: 500, answers: 2000, scores: 2000, bytes: 4 * 1024 * 1024 };
const forManyImages: Room = { packages: 20_000, answers: 60_000, scores: 20_000, bytes: 64 * 1024 * 1024 };
const exploitationRow = object({ epss: number, isKnownExploited: boolean });
const supportRow = object({ endOfLife: string, endOfExtended: string });
const unknownExploitation: Exploitation = { epss: -1, isKnownExploited: false };

/** @throws PlimsollError ADVISORIES_MISSING, ADVISORIES_INVALID */
export function openDatabase(file: string, options: OpenDatabaseOptions = {}): AdvisoryDatabase {
  if (!existsSync(file)) {
    throw new PlimsollError("ADVISORIES_MISSING", `${file}: no advisory database`, {
      hint: "run `plimsoll advisories update`, or `plimsoll advisories import FILE`",
    });
  }
  const head = readHead(file, options.trustedKeys ?? readTrustedKeys(dirname(file)));
  const room = options.forManyImages === true ? forManyImages : forOneImage;
  const blocks = openBlocks(file, head, room.bytes);
  const rows = (table: Table, ...parts: readonly string[]): readonly unknown[] => blocks.find(keyOf(table, ...parts));
  const { manifest } = head;
  const advisoriesFor = ({ namespace, name }: Place): readonly Advisory[] =>
    decodeAdvisories(rows("advisory", namespace, name), namespace, name);
  const about = remember(1, (id) => rows("weakness", id));
  const source = {
    exploitationOf: (id: string) => joinExploitation(about(id).filter((row) => typeof row !== "string")),
    /** CVSS vectors by which any publisher rated a CVE. */
    ratingsOf: (id: string) => about(id).filter((row) => typeof row === "string"),
    scoreOf: remember(room.scores, cvssScore),
  };
  const known = remember(room.packages, (_key: string, places: readonly Place[]): KnownPackage => {
    const advisories = places.flatMap(advisoriesFor);
    let weaknesses: readonly Weakness[] | undefined;
    return {
      advisories,
      weaknesses() {
        weaknesses ??= toWeaknesses(advisories, source);
        return weaknesses;
      },
    };
  });
  return {
    data: { digest: head.digest, builtAt: manifest.builtAt, feeds: manifest.feeds },
    signedBy: head.publicKey,
    feeds: manifest.feeds,
    namespaces: new Map(manifest.namespaces.map(({ name, advisories }) => [name, advisories])),
    advisoriesFor: (namespace, name) => advisoriesFor({ namespace, name }),
    knownOf: (places) => known(places.map(({ namespace, name }) => `${namespace}\0${name}`).join("\0"), places),
    findingsOf: answerOnce(room.answers),
    exploitationOf: source.exploitationOf,
    supportOf(distribution, version) {
      const [found] = rows("support", distribution, version);
      if (found === undefined) return undefined;
      const dates = decode(supportRow, found, { code: "ADVISORIES_INVALID", where: `support of ${distribution}` });
      return { distribution, version, ...dates };
    },
    verifyAll: blocks.verifyAll,
    close: () => closeSync(head.descriptor),
  };
}

/** One feed knows the probability, another that it happened. */
function joinExploitation(rows: readonly unknown[]): Exploitation {
  return rows.reduce<Exploitation>((joined, row) => {
    const found = decode(exploitationRow, row, { code: "ADVISORIES_INVALID", where: "exploitation" });
    return {
      epss: Math.max(joined.epss, found.epss),
      isKnownExploited: joined.isKnownExploited || found.isKnownExploited,
    };
  }, unknownExploitation);
}

function answerOnce(max: number): AdvisoryDatabase["findingsOf"] {
  const known = new Map<string, readonly Vulnerability[]>();
  return (question, make) => {
    const found = known.get(question);
    if (found !== undefined) return found;
    const { findings, isFinal } = make();
    if (isFinal) keep(known, question, findings, max);
    return findings;
  };
}

function keep<V>(known: Map<string, V>, key: string, value: V, max: number): void {
  const [oldest] = known.keys();
  if (known.size >= max && oldest !== undefined) known.delete(oldest);
  known.set(key, value);
}

/** Keeps the last answers by the first argument; the oldest go first. */
function remember<V, A extends readonly unknown[]>(max: number, answer: (key: string, ...more: A) => V) {
  const known = new Map<string, V>();
  return (key: string, ...more: A): V => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = answer(key, ...more);
    keep(known, key, made, max);
    return made;
  };
}
