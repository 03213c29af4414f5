// The text of a trust file made from the rules of another tool, with what somebody still has to fill in.

import { stringify } from "yaml";

export type ImportedSigner =
  | { readonly kind: "key"; readonly path: string }
  | { readonly kind: "gpg"; readonly path: string }
  | { readonly kind: "x509"; readonly root: string; readonly subject: string }
  | { readonly kind: "keyless"; readonly issuer: string; readonly subject: string };

export type ImportedRule = {
  readonly scope: string;
  readonly mode: "enforce" | "warn" | "off";
  readonly binds: "repository" | "any";
  readonly way: "anyOf" | "allOf";
  readonly names: readonly string[];
};

export type ImportedPolicy = {
  /** Name of the file that it was made from. */
  readonly origin: string;
  readonly signers: ReadonlyMap<string, ImportedSigner>;
  readonly rules: readonly ImportedRule[];
  readonly otherwise: "deny" | "allow";
};

/** Values that the other file does not have; a trust file with them is refused until they are written. */
const missing = "FILL-IN";

export function writeTrustFile({ origin, signers, rules, otherwise }: ImportedPolicy): string {
  const document = {
    version: 1,
    signers: Object.fromEntries([...signers].map(([name, signer]) => [name, signerText(signer)])),
    rules: rules.map(({ scope, mode, binds, way, names }) => ({
      scope,
      ...(mode === "enforce" ? {} : { mode }),
      ...(mode === "off" ? {} : { require: { [way]: [...names] } }),
      ...(binds === "repository" || mode === "off" ? {} : { binds }),
    })),
    otherwise,
  };
  const heading = `# Made from ${origin}. Look it through: what stands as ${missing} was not in that file.\n`;
  return `${heading}${stringify(document)}`;
}

function signerText(signer: ImportedSigner): object {
  if (signer.kind === "key") return { key: signer.path };
  if (signer.kind === "gpg") return { gpg: { fingerprint: missing, key: signer.path } };
  if (signer.kind === "x509") return { x509: { root: signer.root, subject: signer.subject } };
  return { keyless: { issuer: signer.issuer, subject: signer.subject, trustedRoot: missing } };
}
