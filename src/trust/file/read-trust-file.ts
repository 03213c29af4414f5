// The text of a trust file -> rules, or the first mistake in it. Strict: a key that is not known, written twice or covered twice is a mistake,
// because whoever wrote it meant something that would not happen.

import { X509Certificate } from "node:crypto";
import { PlimsollError } from "../../base/errors.ts";
import {
  array,
  boolean,
  type Decoded,
  decode,
  exactObject,
  integer,
  literal,
  optional,
  record,
  string,
} from "../../base/schema.ts";
import { readStrictYaml } from "../../base/strict-yaml.ts";
import type { SignerIdentity } from "../../model/trust.ts";
import { keyIdOfPem, rootId } from "../key-id.ts";
import { readScope } from "./scopes.ts";
import type { AttestationDemand, NamedSigner, Threshold, TrustFile, TrustRule } from "./trust-file.ts";

const hint = "correct the trust file; docs/trust.md describes every key";

const signerShape = exactObject({
  key: optional(string),
  x509: optional(exactObject({ root: string, subject: string })),
  keyless: optional(exactObject({ issuer: string, subject: string, trustedRoot: string })),
  gpg: optional(exactObject({ fingerprint: string, key: string })),
});

const thresholdShape = exactObject({
  anyOf: optional(array(string)),
  allOf: optional(array(string)),
  threshold: optional(integer),
  of: optional(array(string)),
});

const attestationShape = exactObject({
  predicateType: string,
  require: thresholdShape,
  builderId: optional(string),
  source: optional(string),
});

const ruleShape = exactObject({
  scope: string,
  mode: optional(literal("enforce", "warn", "off")),
  require: optional(thresholdShape),
  formats: optional(array(literal("cosign", "sigstore-bundle", "notation", "simple-signing"))),
  timestamp: optional(literal("required", "optional")),
  log: optional(literal("required", "optional")),
  binds: optional(literal("repository", "any")),
  freshness: optional(exactObject({ maxAgeDays: optional(integer), tagRecord: optional(boolean) })),
  attestations: optional(array(attestationShape)),
});

const fileShape = exactObject({
  version: literal("1"),
  counter: optional(integer),
  signers: optional(record(signerShape)),
  timestampRoots: optional(array(string)),
  rules: optional(array(ruleShape)),
  otherwise: optional(literal("deny", "warn", "allow")),
  local: optional(literal("deny", "warn", "allow")),
  lookaside: optional(string),
  revoked: optional(exactObject({ digests: optional(array(string)), signers: optional(array(string)) })),
});

type RuleText = Decoded<typeof ruleShape>;
type SignerText = Decoded<typeof signerShape>;
type ThresholdText = Decoded<typeof thresholdShape>;

export type TrustFileSource = {
  /** For messages. */
  readonly name: string;
  readonly text: string;
  /** Reads a file that the trust file names: a key, a root. Relative names are relative to the trust file. */
  readonly readFile: (name: string) => string;
};

/** @throws PlimsollError CONFIG_INVALID that names file, place and what was expected */
export function readTrustFile(source: TrustFileSource): TrustFile {
  const context = { code: "CONFIG_INVALID", where: source.name, hint } as const;
  const file = decode(fileShape, parseYaml(source), context);
  const texts = Object.entries(file.signers ?? {});
  const read = texts.map(([name, text]) => readSigner(name, text, source));
  const names = new Set(texts.map(([name]) => name));
  const rules = (file.rules ?? []).map((rule) => readRule(rule, names, source));
  const twice = rules.find((rule, at) => rules.findIndex(({ scope }) => scope === rule.scope) !== at);
  if (twice !== undefined) throw mistake(source, `scope ${twice.scope} has two rules`);
  return {
    counter: file.counter ?? 0,
    signers: distinct(
      read.map(({ signer }) => signer),
      source,
    ),
    rules,
    otherwise: file.otherwise ?? "deny",
    local: file.local ?? "deny",
    lookaside: readLookaside(file.lookaside ?? "", source),
    revokedDigests: (file.revoked?.digests ?? []).map((digest) => readDigest(digest, source)),
    revokedSigners: (file.revoked?.signers ?? []).map((name) => known(name, names, source)),
    material: {
      keys: read.flatMap(({ keys }) => keys),
      roots: read.flatMap(({ roots }) => roots),
      timestampRoots: (file.timestampRoots ?? []).map((name) => source.readFile(name)),
      sigstoreRoots: [...new Set(read.flatMap(({ sigstoreRoots }) => sigstoreRoots))],
      openPgpKeys: read.flatMap(({ openPgpKeys }) => openPgpKeys),
    },
  };
}

function parseYaml({ name, text }: TrustFileSource): unknown {
  const value = readStrictYaml(text, { code: "CONFIG_INVALID", where: name, hint });
  // `version: 1` and `version: "1"` are the same to whoever writes it.
  return typeof value === "object" && value !== null && "version" in value && value.version === 1
    ? { ...value, version: "1" }
    : value;
}

type ReadSigner = {
  readonly signer: NamedSigner;
  readonly keys: readonly string[];
  readonly roots: readonly string[];
  readonly sigstoreRoots: readonly string[];
  readonly openPgpKeys: readonly string[];
};

function readSigner(name: string, text: SignerText, source: TrustFileSource): ReadSigner {
  const kinds = [text.key, text.x509, text.keyless, text.gpg].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) throw mistake(source, `signers.${name}: expected one of key, x509, keyless, gpg`);
  const none = { keys: [], roots: [], sigstoreRoots: [], openPgpKeys: [] };
  const named = (identity: SignerIdentity) => ({ signer: { name, identity } });
  if (text.key !== undefined) {
    const pem = readPem(text.key, source);
    return { ...none, ...named({ kind: "key", keyId: keyIdOfPem(pem, `signers.${name}.key`) }), keys: [pem] };
  }
  if (text.x509 !== undefined) {
    const pem = readPem(text.x509.root, source);
    const root = new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
    return { ...none, ...named({ kind: "certificate", subject: text.x509.subject, root }), roots: [pem] };
  }
  if (text.keyless !== undefined) {
    const { issuer, subject, trustedRoot } = text.keyless;
    const root = source.readFile(trustedRoot);
    return { ...none, ...named({ kind: "keyless", issuer, subject, roots: [rootId(root)] }), sigstoreRoots: [root] };
  }
  const fingerprint = (text.gpg?.fingerprint ?? "").replaceAll(" ", "").toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(fingerprint)) throw mistake(source, `signers.${name}.gpg: expected 40 hex digits`);
  return { ...none, ...named({ kind: "gpg", fingerprint }), openPgpKeys: [readPem(text.gpg?.key ?? "", source)] };
}

/** A PEM block written in the file itself, or the name of the file that has it. */
function readPem(text: string, source: TrustFileSource): string {
  return text.trimStart().startsWith("-----BEGIN ") ? text : source.readFile(text);
}

function readRule(rule: RuleText, names: ReadonlySet<string>, source: TrustFileSource): TrustRule {
  const scope = readScope(rule.scope);
  const mode = rule.mode ?? "enforce";
  if (mode !== "off" && rule.require === undefined) throw mistake(source, `rule ${scope}: who has to sign is missing`);
  return {
    scope,
    mode,
    signers: readThreshold(rule.require ?? { anyOf: [] }, `rule ${scope}`, names, source, mode === "off"),
    formats: rule.formats ?? [],
    needsTimestamp: rule.timestamp === "required",
    needsLog: rule.log === "required",
    binds: rule.binds ?? "repository",
    freshness: {
      maxAgeDays: rule.freshness?.maxAgeDays ?? 0,
      needsTagRecord: rule.freshness?.tagRecord ?? false,
    },
    attestations: (rule.attestations ?? []).map((demand) => readDemand(demand, scope, names, source)),
  };
}

function readDemand(
  demand: Decoded<typeof attestationShape>,
  scope: string,
  names: ReadonlySet<string>,
  source: TrustFileSource,
): AttestationDemand {
  return {
    predicateType: demand.predicateType,
    signers: readThreshold(demand.require, `rule ${scope}, attestation ${demand.predicateType}`, names, source),
    builderId: demand.builderId ?? "",
    source: demand.source ?? "",
  };
}

function readThreshold(
  text: ThresholdText,
  where: string,
  names: ReadonlySet<string>,
  source: TrustFileSource,
  mayBeEmpty = false,
): Threshold {
  const ways = [text.anyOf, text.allOf, text.of].filter((list) => list !== undefined);
  const [list] = ways;
  if (list === undefined || ways.length !== 1) throw mistake(source, `${where}: expected one of anyOf, allOf, of`);
  const of = [...new Set(list.map((name) => known(name, names, source)))];
  if (of.length === 0 && !mayBeEmpty) throw mistake(source, `${where}: no signer is named`);
  if ((text.of === undefined) !== (text.threshold === undefined)) {
    throw mistake(source, `${where}: threshold and of belong together`);
  }
  const needed = text.threshold ?? (text.allOf === undefined ? 1 : of.length);
  if (needed < 1 || (needed > of.length && !mayBeEmpty)) {
    throw mistake(source, `${where}: threshold ${needed} of ${of.length} different signers`);
  }
  return { needed, of };
}

function known(name: string, names: ReadonlySet<string>, source: TrustFileSource): string {
  if (!names.has(name)) throw mistake(source, `no signer is called ${JSON.stringify(name)}`);
  return name;
}

/** One key under two names would count twice toward a threshold; so would one person under two roots. */
function distinct(signers: readonly NamedSigner[], source: TrustFileSource): readonly NamedSigner[] {
  const seen = new Map<string, string>();
  for (const { name, identity } of signers) {
    const key = JSON.stringify(identity.kind === "keyless" ? { ...identity, roots: [] } : identity);
    const other = seen.get(key);
    if (other !== undefined) throw mistake(source, `signers ${other} and ${name} are the same key`);
    seen.set(key, name);
  }
  return signers;
}

/** A folder, whose relative name would be relative to whoever asks; or a server, with nothing in its address but a path. */
function readLookaside(place: string, source: TrustFileSource): string {
  if (place === "" || place.startsWith("/")) return place;
  const url = /^https?:\/\//.test(place) ? URL.parse(place) : null;
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.username === "" && url.password === "";
  if (isPlain) return url.href.replace(/\/+$/, "");
  const expected = "lookaside: expected an absolute path of a folder, or the address of a server";
  throw mistake(source, `${expected}, found ${JSON.stringify(place)}`);
}

function readDigest(text: string, source: TrustFileSource): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) throw mistake(source, `revoked.digests: no digest: ${JSON.stringify(text)}`);
  return text;
}

function mistake(source: TrustFileSource, what: string): PlimsollError {
  return new PlimsollError("CONFIG_INVALID", `${source.name}: ${what}`, { hint });
}
