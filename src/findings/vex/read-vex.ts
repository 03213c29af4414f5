// A VEX document of any of the three formats -> statements. The document says itself which format it has.

import { malformed } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { fieldAt, textAt } from "../../base/reading.ts";
import type { VexStatement } from "../../model/vex.ts";
import { readCsafVex } from "./csaf-vex.ts";
import { readCyclonedxVex } from "./cyclonedx-vex.ts";
import { readOpenVex } from "./open-vex.ts";

const maxBytes = 64 * 1024 * 1024;

/**
 * @param source name of the file, for reports
 * @throws PlimsollError MALFORMED_INPUT, AMBIGUOUS_INPUT, LIMIT_EXCEEDED: a document with a mistake suppresses nothing
 */
export function readVex(content: Uint8Array, source: string): readonly VexStatement[] {
  const document: unknown = decodeJson(content, { maxBytes, duplicates: "exact" });
  if (textAt(document, "@context").startsWith("https://openvex.dev/ns")) return readOpenVex(document, source);
  if (textAt(document, "document", "csaf_version").startsWith("2.")) return readCsafVex(document, source);
  if (fieldAt(document, "bomFormat") === "CycloneDX") return readCyclonedxVex(document, source);
  throw malformed(source, "expected a VEX document in the format OpenVEX, CSAF 2 or CycloneDX");
}
