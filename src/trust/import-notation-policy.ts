// notation trustpolicy.json -> the text of a trust file. Identities that match by part, and levels that let failures pass, are
// told or refused, never widened. Source: notaryproject/specifications v1.1, trust-store-trust-policy.md.

import { malformed } from "../base/errors.ts";
import { decodeJson } from "../base/json.ts";
import { array, type Decoded, decode, literal, object, optional, string } from "../base/schema.ts";
import { type ImportedSigner, writeTrustFile } from "./write-trust-file.ts";

const policyShape = object({
  version: string,
  trustPolicies: array(
    object({
      name: string,
      registryScopes: optional(array(string)),
      signatureVerification: object({ level: literal("strict", "permissive", "audit", "skip") }),
      trustStores: optional(array(string)),
      trustedIdentities: optional(array(string)),
    }),
  ),
});

type Policy = Decoded<typeof policyShape>["trustPolicies"][number];

const where = "trustpolicy.json";
const modes = { strict: "enforce", permissive: "enforce", audit: "warn", skip: "off" } as const;

/** @throws PlimsollError MALFORMED_INPUT, naming the policy that cannot be taken over */
export function importNotationPolicy(bytes: Uint8Array): string {
  const { trustPolicies } = decode(policyShape, decodeJson(bytes), { code: "MALFORMED_INPUT", where });
  const signers = new Map<string, ImportedSigner>();
  const rules = trustPolicies.flatMap((policy) => readPolicy(policy, signers));
  return writeTrustFile({ origin: where, signers, rules, otherwise: "deny" });
}

function readPolicy(policy: Policy, signers: Map<string, ImportedSigner>) {
  const mode = modes[policy.signatureVerification.level];
  const names = mode === "off" ? [] : signersOf(policy, signers);
  const scopes = policy.registryScopes ?? [];
  if (scopes.includes("*"))
    throw malformed(where, `${policy.name}: the scope * cannot be taken over: name the registries`);
  return scopes.map((scope) => ({ scope, mode, binds: "any", way: "anyOf", names }) as const);
}

function signersOf(policy: Policy, signers: Map<string, ImportedSigner>): readonly string[] {
  const stores = (policy.trustStores ?? []).map((store) => /^ca:([\w.-]+)$/.exec(store)?.[1] ?? refuse(policy, store));
  const identities = (policy.trustedIdentities ?? []).map((identity) => subjectOf(policy, identity));
  return identities.flatMap((subject, person) =>
    stores.map((store, place) => {
      const name = `${policy.name}${identities.length * stores.length === 1 ? "" : `-${person + 1}-${place + 1}`}`;
      signers.set(name, { kind: "x509", root: `truststore/x509/ca/${store}/root.crt`, subject });
      return name;
    }),
  );
}

function subjectOf(policy: Policy, identity: string): string {
  const subject = /^x509\.subject:\s*(\S.*)$/.exec(identity)?.[1];
  return subject ?? refuse(policy, `the identity ${identity}`);
}

function refuse(policy: Policy, what: string): never {
  throw malformed(where, `${policy.name}: ${what} cannot be taken over: name each signer's whole subject`);
}
