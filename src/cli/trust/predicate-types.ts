// Short names for what is attested. Source: in-toto attestation predicates; SLSA v1.0; cosign specs/COSIGN_VULN_ATTESTATION_SPEC.md.

export const predicateTypes: Readonly<Record<string, string>> = {
  slsaprovenance: "https://slsa.dev/provenance/v1",
  cyclonedx: "https://cyclonedx.org/bom",
  spdx: "https://spdx.dev/Document",
  openvex: "https://openvex.dev/ns",
  vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
};

/** A short name, or the type itself. */
export function predicateTypeOf(text: string): string {
  return Object.hasOwn(predicateTypes, text) ? (predicateTypes[text] ?? text) : text;
}

export const predicateTypeHelp = `${Object.keys(predicateTypes).join(", ")}, or the address of another type`;
