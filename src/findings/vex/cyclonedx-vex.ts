// CycloneDX with analyses. Source: CycloneDX 1.6, "vulnerabilities[].analysis" and "affects"; BOM-Link.

import { fieldAt, listAt, textAt } from "../../base/reading.ts";
import type { VexProduct, VexStatement, VexStatus } from "../../model/vex.ts";
import { digestsOf } from "./digests.ts";

const states: Readonly<Record<string, VexStatus>> = {
  not_affected: "not_affected",
  false_positive: "not_affected",
  resolved: "fixed",
  resolved_with_pedigree: "fixed",
  exploitable: "affected",
  in_triage: "under_investigation",
};
const maxDepth = 40;

type Named = { readonly ref: string; readonly purl: string; readonly digests: readonly string[] };

export function readCyclonedxVex(document: unknown, source: string): readonly VexStatement[] {
  const whole = toNamed(fieldAt(document, "metadata", "component"));
  const components = new Map(collect(listAt(document, "components"), 0).map((one) => [one.ref, one]));
  return listAt(document, "vulnerabilities").flatMap((vulnerability, at) => {
    const state = textAt(vulnerability, "analysis", "state");
    const status = Object.hasOwn(states, state) ? states[state] : undefined;
    if (status === undefined) return [];
    const refs = listAt(vulnerability, "affects").map((affected) => textAt(affected, "ref"));
    return [
      {
        vulnerabilities: namesOf(vulnerability),
        products: refs.flatMap((ref) => productOf(ref, whole, components)),
        status,
        justification: textAt(vulnerability, "analysis", "justification"),
        impact: textAt(vulnerability, "analysis", "detail"),
        timestamp: textAt(vulnerability, "analysis", "lastUpdated") || textAt(document, "metadata", "timestamp"),
        source: `${source}, vulnerability ${at + 1}`,
      },
    ];
  });
}

function namesOf(vulnerability: unknown): readonly string[] {
  const references = listAt(vulnerability, "references").map((reference) => textAt(reference, "id"));
  return [...new Set([textAt(vulnerability, "id"), ...references].filter((name) => name !== ""))];
}

function collect(components: readonly unknown[], depth: number): readonly Named[] {
  if (depth > maxDepth) return [];
  return components.flatMap((one) => [toNamed(one), ...collect(listAt(one, "components"), depth + 1)]);
}

function toNamed(component: unknown): Named {
  const hashes = listAt(component, "hashes").map((hash) => [textAt(hash, "alg"), textAt(hash, "content")] as const);
  return {
    ref: textAt(component, "bom-ref"),
    purl: textAt(component, "purl"),
    digests: digestsOf(Object.fromEntries(hashes)),
  };
}

/** A reference is the document's own, one into another document (`urn:cdx:SERIAL/1#REF`), or a package URL. */
function productOf(ref: string, whole: Named, components: ReadonlyMap<string, Named>): readonly VexProduct[] {
  const isImage = whole.purl.startsWith("pkg:oci/") || whole.digests.length > 0;
  if (ref !== "" && ref === whole.ref) return [{ purl: whole.purl, digests: whole.digests, subcomponents: [] }];
  const purl = components.get(ref)?.purl ?? purlIn(ref);
  if (purl === "") return [];
  if (isImage) return [{ purl: whole.purl, digests: whole.digests, subcomponents: [purl] }];
  return [{ purl, digests: [], subcomponents: [] }];
}

function purlIn(ref: string): string {
  const target = ref.startsWith("urn:cdx:") ? (ref.split("#", 2)[1] ?? "") : ref;
  const decoded = target.startsWith("pkg%3A") ? decodeSafely(target) : target;
  return decoded.startsWith("pkg:") ? decoded : "";
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a broken reference refers to nothing
  }
}
