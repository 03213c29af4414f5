// containers policy.json -> the text of a trust file. What has no equal here is refused, never widened.
// Source: containers/image docs/containers-policy.json.5.md.

import { malformed } from "../base/errors.ts";
import { decodeJson } from "../base/json.ts";
import { array, type Decoded, decode, object, optional, record, string } from "../base/schema.ts";
import { type ImportedSigner, writeTrustFile } from "./write-trust-file.ts";

const requirementShape = object({
  type: string,
  keyType: optional(string),
  keyPath: optional(string),
  keyPaths: optional(array(string)),
  keyData: optional(string),
  fulcio: optional(object({ oidcIssuer: string, subjectEmail: string })),
  signedIdentity: optional(object({ type: string })),
});

const policyShape = object({
  default: array(requirementShape),
  transports: optional(record(record(array(requirementShape)))),
});

type Requirement = Decoded<typeof requirementShape>;

const where = "policy.json";

/** @throws PlimsollError MALFORMED_INPUT, naming the scope that cannot be taken over */
export function importContainersPolicy(bytes: Uint8Array): string {
  const policy = decode(policyShape, decodeJson(bytes), { code: "MALFORMED_INPUT", where });
  const scopes = Object.entries(policy.transports?.["docker"] ?? {});
  const general = scopes.find(([scope]) => scope === "")?.[1] ?? policy.default;
  const signers = new Map<string, ImportedSigner>();
  const rules = scopes.filter(([scope]) => scope !== "").map(([scope, wanted]) => readRule(scope, wanted, signers));
  return writeTrustFile({ origin: where, signers, rules, otherwise: readDefault(general) });
}

function readDefault(requirements: readonly Requirement[]): "deny" | "allow" {
  const types = requirements.map(({ type }) => type);
  if (types.includes("reject")) return "deny";
  if (types.every((type) => type === "insecureAcceptAnything")) return "allow";
  throw malformed(where, "a default that asks for signatures: name the repositories that it is for");
}

function readRule(scope: string, requirements: readonly Requirement[], signers: Map<string, ImportedSigner>) {
  const own = scopeOf(scope);
  if (requirements.length === 1 && requirements[0]?.type === "insecureAcceptAnything") {
    return { scope: own, mode: "off", binds: "repository", way: "anyOf", names: [] } as const;
  }
  const each = requirements.map((requirement) => readRequirement(scope, requirement, signers));
  const [only, ...more] = each;
  if (only === undefined) throw malformed(where, `${scope}: no requirement`);
  const binds = each.every((one) => one.isBound) ? "repository" : "any";
  if (more.length === 0) return { scope: own, mode: "enforce", binds, way: "anyOf", names: only.names } as const;
  if (each.some(({ names }) => names.length > 1)) {
    throw malformed(where, `${scope}: several requirements, one of them with a choice of keys`);
  }
  const names = each.flatMap((one) => one.names);
  return { scope: own, mode: "enforce", binds, way: "allOf", names } as const;
}

/** `*.example.com` has no equal; a scope of a host or of a path covers all below it. */
function scopeOf(scope: string): string {
  if (scope.startsWith("*.")) throw malformed(where, `${scope}: hosts by pattern cannot be taken over`);
  if (/[:@][^/]*$/.test(scope) && scope.includes("/")) {
    throw malformed(where, `${scope}: rules for single tags cannot be taken over`);
  }
  return scope;
}

function readRequirement(scope: string, requirement: Requirement, signers: Map<string, ImportedSigner>) {
  const isBound = !["remapIdentity", "exactReference", "exactRepository"].includes(
    requirement.signedIdentity?.type ?? "",
  );
  const paths = [...(requirement.keyPath === undefined ? [] : [requirement.keyPath]), ...(requirement.keyPaths ?? [])];
  if (requirement.type === "sigstoreSigned" && paths.length > 0) {
    return { isBound, names: paths.map((path) => addSigner(signers, { kind: "key", path })) };
  }
  if (requirement.type === "sigstoreSigned" && requirement.fulcio !== undefined) {
    const { oidcIssuer: issuer, subjectEmail: subject } = requirement.fulcio;
    return { isBound, names: [addSigner(signers, { kind: "keyless", issuer, subject })] };
  }
  if (requirement.type === "signedBy" && paths.length > 0) {
    return { isBound, names: paths.map((path) => addSigner(signers, { kind: "gpg", path })) };
  }
  throw malformed(where, `${scope}: ${requirement.type} with these members cannot be taken over`);
}

function addSigner(signers: Map<string, ImportedSigner>, signer: ImportedSigner): string {
  const known = [...signers].find(([, other]) => JSON.stringify(other) === JSON.stringify(signer));
  if (known !== undefined) return known[0];
  const name = `signer-${signers.size + 1}`;
  signers.set(name, signer);
  return name;
}
