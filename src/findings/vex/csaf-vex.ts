// CSAF documents with the profile VEX. Source: OASIS CSAF 2.0, sections 3.2.3.9 (product status) and 4.5 (profile VEX).

import { fieldsAt, listAt, textAt, textsAt } from "../../base/reading.ts";
import type { VexProduct, VexStatement, VexStatus } from "../../model/vex.ts";
import { type Product, readProducts } from "../csaf/products.ts";

const statuses: Readonly<Record<string, VexStatus>> = {
  known_not_affected: "not_affected",
  fixed: "fixed",
  first_fixed: "fixed",
  known_affected: "affected",
  first_affected: "affected",
  last_affected: "affected",
  under_investigation: "under_investigation",
};

export function readCsafVex(document: unknown, source: string): readonly VexStatement[] {
  const products = readProducts(document);
  const timestamp = textAt(document, "document", "tracking", "current_release_date");
  return listAt(document, "vulnerabilities").flatMap((vulnerability, at) => {
    const names = namesOf(vulnerability);
    return Object.keys(fieldsAt(vulnerability, "product_status")).flatMap((key) => {
      const status = Object.hasOwn(statuses, key) ? statuses[key] : undefined;
      if (status === undefined) return [];
      return textsAt(vulnerability, "product_status", key).map((id) => ({
        vulnerabilities: names,
        products: productsOf(products.get(id), products),
        status,
        justification: labelOf(vulnerability, "flags", "label", id),
        impact: labelOf(vulnerability, "threats", "details", id),
        timestamp,
        source: `${source}, vulnerability ${at + 1}, product ${id}`,
      }));
    });
  });
}

function namesOf(vulnerability: unknown): readonly string[] {
  const ids = listAt(vulnerability, "ids").map((id) => textAt(id, "text"));
  return [...new Set([textAt(vulnerability, "cve"), ...ids].filter((name) => name !== ""))];
}

/** A part of a product counts only within a product that can be recognized: a name or a CPE alone is not enough. */
function productsOf(found: Product | undefined, products: ReadonlyMap<string, Product>): readonly VexProduct[] {
  if (found === undefined) return [];
  if (found.within === "") return found.purl === "" ? [] : [{ purl: found.purl, digests: [], subcomponents: [] }];
  const whole = products.get(found.within)?.purl ?? "";
  const part = products.get(found.component)?.purl ?? "";
  return whole === "" || part === "" ? [] : [{ purl: whole, digests: [], subcomponents: [part] }];
}

/** The label (or text) of the entry that names the product, or names none and so speaks of all. */
function labelOf(vulnerability: unknown, list: string, key: string, id: string): string {
  const entry = listAt(vulnerability, list).find((item) => {
    const ids = textsAt(item, "product_ids");
    return ids.length === 0 ? listAt(item, "group_ids").length === 0 : ids.includes(id);
  });
  return textAt(entry, key);
}
