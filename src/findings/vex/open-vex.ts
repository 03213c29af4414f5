// OpenVEX. Source: github.com/openvex/spec, OPENVEX-SPEC.md, v0.2.0.

import { malformed } from "../../base/errors.ts";
import type { Decoded } from "../../base/schema.ts";
import { array, either, literal, object, optional, record, string } from "../../base/schema.ts";
import type { VexProduct, VexStatement } from "../../model/vex.ts";
import { digestsOf } from "./digests.ts";

const text = optional(string);
const component = object({
  "@id": text,
  identifiers: optional(object({ purl: text })),
  hashes: optional(record(string)),
});
const product = object({
  "@id": text,
  identifiers: optional(object({ purl: text })),
  hashes: optional(record(string)),
  subcomponents: optional(array(either(component, string))),
});
const statement = object({
  vulnerability: either(string, object({ name: string, "@id": text, aliases: optional(array(string)) })),
  products: optional(array(either(product, string))),
  subcomponents: optional(array(either(component, string))),
  status: literal("not_affected", "affected", "fixed", "under_investigation"),
  justification: text,
  impact_statement: text,
  timestamp: text,
  last_updated: text,
});
const document = object({ timestamp: text, last_updated: text, statements: array(statement) });

/** @throws PlimsollError MALFORMED_INPUT */
export function readOpenVex(json: unknown, source: string): readonly VexStatement[] {
  const found = document(json, "");
  const documentTime = found.last_updated ?? found.timestamp ?? "";
  return found.statements.map((one, at) => toStatement(one, documentTime, `${source}, statement ${at + 1}`));
}

function toStatement(one: Decoded<typeof statement>, documentTime: string, source: string): VexStatement {
  if (one.status === "not_affected" && one.justification === undefined && one.impact_statement === undefined) {
    throw malformed(source, "not_affected without a justification or impact_statement");
  }
  const { vulnerability } = one;
  const names =
    typeof vulnerability === "string" ? [vulnerability] : [vulnerability.name, ...(vulnerability.aliases ?? [])];
  return {
    vulnerabilities: [...new Set(names.filter((name) => name !== ""))],
    products: (one.products ?? []).map((item) => toProduct(item, one.subcomponents ?? [])),
    status: one.status,
    justification: one.justification ?? "",
    impact: one.impact_statement ?? "",
    timestamp: one.last_updated ?? one.timestamp ?? documentTime,
    source,
  };
}

/** Version 0.0.x kept the subcomponents beside the products. */
function toProduct(
  item: Decoded<typeof product> | string,
  shared: readonly (Decoded<typeof component> | string)[],
): VexProduct {
  const parts = typeof item === "string" ? shared : (item.subcomponents ?? shared);
  const subcomponents = parts.map(purlOf);
  return { purl: purlOf(item), digests: typeof item === "string" ? [] : digestsOf(item.hashes ?? {}), subcomponents };
}

function purlOf(item: Decoded<typeof component> | string): string {
  const id = typeof item === "string" ? item : (item.identifiers?.purl ?? item["@id"] ?? "");
  return id.startsWith("pkg:") ? id : typeof item === "string" ? id : "";
}
