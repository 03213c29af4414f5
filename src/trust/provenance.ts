// Where an image was built, from what and by whom, as SLSA provenance says that somebody signed whom the trust file believes on it.
// Source: SLSA v1.0 provenance and v0.2 provenance; SLSA v1.0 verification summary; BuildKit docs/attestations/slsa-definitions.md.

import { stringifyJson } from "../base/json.ts";
import { listAt, textAt, textsAt } from "../base/reading.ts";
import type { ProvenanceFacts } from "../model/facts.ts";
import type { JsonValue } from "../model/json.ts";
import type { TrustSubject, VerifiedStatement } from "../model/trust.ts";
import { findScope } from "./file/scopes.ts";
import type { TrustFile, TrustRule } from "./file/trust-file.ts";
import { countSigners } from "./tally.ts";

export type Provenance = {
  readonly builder: string;
  readonly buildType: string;
  readonly source: string;
  readonly revision: string;
};

export type ProvenanceQuestion = {
  readonly file: TrustFile;
  readonly subject: TrustSubject;
  readonly statements: readonly VerifiedStatement[];
  readonly nowMs: number;
};

const provenanceTypes: readonly string[] = ["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"];
const summaryType = "https://slsa.dev/verification_summary/v1";

export const noProvenance: ProvenanceFacts = {
  ...{ provenance: false, provenanceBuilder: "", provenanceBuildType: "" },
  ...{ provenanceSource: "", provenanceRevision: "", provenanceLevel: 0 },
};

/** Where two that are believed disagree, the fact is "": nobody knows. */
export function provenanceFacts(question: ProvenanceQuestion): ProvenanceFacts {
  const rule = findScope(question.file.rules, question.subject.repository);
  if (rule === undefined || rule.mode === "off") return noProvenance;
  const read = provenanceTypes.flatMap((type) => believed(question, rule, type)).map(readProvenance);
  if (read.length === 0) return noProvenance;
  const agreed = (field: keyof Provenance): string => {
    const values = new Set(read.map((one) => one[field]));
    return values.size === 1 ? ([...values][0] ?? "") : "";
  };
  return {
    provenance: true,
    ...{ provenanceBuilder: agreed("builder"), provenanceBuildType: agreed("buildType") },
    ...{ provenanceSource: agreed("source"), provenanceRevision: agreed("revision") },
    provenanceLevel: Math.max(1, ...believed(question, rule, summaryType).map(summaryLevel)),
  };
}

export function readProvenance(predicate: JsonValue): Provenance {
  const config = ["buildDefinition", "externalParameters", "configSource"] as const;
  const source =
    textAt(predicate, "buildDefinition", "externalParameters", "workflow", "repository") ||
    textAt(predicate, "buildDefinition", "externalParameters", "source") ||
    textAt(predicate, "invocation", "configSource", "uri") ||
    textAt(predicate, ...config, "uri");
  return {
    builder: textAt(predicate, "runDetails", "builder", "id") || textAt(predicate, "builder", "id"),
    buildType: textAt(predicate, "buildDefinition", "buildType") || textAt(predicate, "buildType"),
    source,
    revision:
      textAt(predicate, "invocation", "configSource", "digest", "sha1") ||
      textAt(predicate, ...config, "digest", "sha1") ||
      revisionAmong(listAt(predicate, "buildDefinition", "resolvedDependencies"), source),
  };
}

/** Of the dependency that is the source itself: `git+https://host/repository@ref` beside `https://host/repository`. */
function revisionAmong(dependencies: readonly unknown[], source: string): string {
  const own = dependencies.find((dependency) => {
    const uri = textAt(dependency, "uri").replace(/^git\+/, "");
    return source !== "" && (uri === source || uri.startsWith(`${source}@`));
  });
  return textAt(own, "digest", "gitCommit") || textAt(own, "digest", "sha1");
}

/** Source: SLSA v1.0, verification_summary, `verifiedLevels`. */
function summaryLevel(predicate: JsonValue): number {
  if (textAt(predicate, "verificationResult") !== "PASSED") return 0;
  const levels = textsAt(predicate, "verifiedLevels").map((text) => /^SLSA_(?:BUILD_)?LEVEL_([0-4])$/.exec(text)?.[1]);
  return Math.max(0, ...levels.map((level) => Number(level ?? 0)));
}

/** What enough of those say, word for word, whom the rule asks for this type of statement; else for the image. */
function believed(question: ProvenanceQuestion, rule: TrustRule, type: string): readonly JsonValue[] {
  const signers = rule.attestations.find(({ predicateType }) => predicateType === type)?.signers ?? rule.signers;
  // An attestation says what it is about by digest; repositories are bound by the signature itself.
  const context = { ...question, rule: { ...rule, binds: "any" as const } };
  const texts = new Map<string, VerifiedStatement[]>();
  for (const statement of question.statements.filter(({ predicateType }) => predicateType === type)) {
    const text = stringifyJson(statement.predicate);
    texts.set(text, [...(texts.get(text) ?? []), statement]);
  }
  return [...texts.values()]
    .filter((same) => countSigners(same, signers, context).names.length >= signers.needed)
    .flatMap(([one]) => (one === undefined ? [] : [one.predicate]));
}
