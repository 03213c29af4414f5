// The bytes of one audit record: canonical JSON that fits an entry bundle (C2SP tlog-tiles: 16-bit lengths).
// What is too long is cut and says so: `facts.recordTruncated` is true, and `plimsoll policy replay` leaves it out.

import { canonicalJson } from "../base/canonical-json.ts";
import { PlimsollError } from "../base/errors.ts";
import { withoutUserInfo } from "../base/redact-url.ts";
import type { AuditOpening, AuditOutcome, AuditRecord } from "../model/audit.ts";
import type { Facts, FactValue } from "../model/facts.ts";
import { openingText, recordText, textWriter } from "./record-text.ts";

/** Bytes of one entry, UTF-8: what fits the length field of an entry bundle. */
export const maxEntryBytes = 65_535;
/** First cut, in UTF-16 units and items. */
const maxTextLength = 1024;
const maxListItems = 64;

/** Bytes that an outcome can add to an opening. */
const outcomeBytes = 512;

export interface RecordWriter {
  /** Canonical JSON that leaves room for any outcome. */
  opening(opening: AuditOpening): string;
  /** Canonical JSON of at most maxEntryBytes. */
  record(opening: AuditOpening, outcome: AuditOutcome): string;
}

export function recordWriter(): RecordWriter {
  const texts = textWriter();
  return {
    opening: (opening) => fitted(openingText(texts.opening(opening)), maxEntryBytes - outcomeBytes, () => opening),
    record: (opening, outcome) =>
      fitted(recordText(texts.opening(opening), outcome), maxEntryBytes, () => ({ ...opening, ...outcome })),
  };
}

/** @param whole without user info */
function fitted(whole: string, maxBytes: number, value: () => AuditOpening): string {
  return fits(whole, maxBytes) ? whole : withoutUserInfo(canonicalJson(cutToFit(value(), maxBytes)));
}

function cutToFit(opening: AuditOpening, maxBytes: number): AuditOpening {
  const cut = cutOpening(opening, cutFacts(opening.facts));
  return fits(canonicalJson(cut), maxBytes) ? cut : cutOpening(opening, { recordTruncated: true });
}

function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

function cutOpening(opening: AuditOpening, facts: Facts): AuditOpening {
  const { resource, caller } = opening;
  return {
    ...opening,
    path: cutText(opening.path),
    reason: cutText(opening.reason),
    rules: opening.rules.slice(0, 16).map((rule) => ({ ...rule, id: cutText(rule.id), file: cutText(rule.file) })),
    resource: { ...resource, id: cutText(resource.id), name: cutText(resource.name), owner: cutText(resource.owner) },
    caller: {
      ...caller,
      id: cutText(caller.id),
      name: cutText(caller.name),
      owner: cutText(caller.owner),
      groups: caller.groups.slice(0, 16).map(cutText),
    },
    facts,
  };
}

function cutFacts(facts: Facts): Facts {
  const cut = Object.entries(facts).map(([name, value]): [string, FactValue] => [name, cutFact(value)]);
  return { ...Object.fromEntries(cut), recordTruncated: true };
}

function cutFact(value: FactValue): FactValue {
  if (typeof value === "string") return cutText(value);
  return typeof value === "object" ? value.slice(0, maxListItems).map(cutText) : value;
}

function cutText(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}

/** @throws PlimsollError LOG_CORRUPT when the text is not an opening that we wrote */
export function readOpening(text: string): AuditOpening {
  const value = parse(text);
  if (isOpening(value)) return value;
  throw notOurs(text);
}

/** @throws PlimsollError LOG_CORRUPT when the text is not a record that we wrote */
export function readRecord(text: string): AuditRecord {
  const value = parse(text);
  if (isOpening(value) && isOutcome(value)) return value;
  throw notOurs(text);
}

/** True for a record, false for an opening, of texts that are one of them. */
export function hasEnd(text: string): boolean {
  return isOutcome(parse(text));
}

/** The id of a record without reading all of it: canonical JSON has it in one place, and no text can hold a bare quote. */
export function entryId(body: string): string {
  return /,"id":"([0-9A-Z]{26})","listener":/.exec(body)?.[1] ?? "";
}

function notOurs(text: string): PlimsollError {
  return new PlimsollError(
    "LOG_CORRUPT",
    `an entry of the audit log is not a record: ${JSON.stringify(text.slice(0, 60))}`,
    {
      hint: "run plimsoll log verify to see what was changed",
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says what was expected
  }
}

// Shapes only: which values a field may have is the writer's business, and the tree vouches for the bytes.
function isOpening(value: unknown): value is AuditOpening {
  if (!isObject(value) || !isObject(value["caller"]) || !isObject(value["resource"]) || !isObject(value["facts"]))
    return false;
  const { caller, resource } = value;
  return (
    hasText(value, ["id", "time", "listener", "mode", "method", "path", "action", "verdict", "reason"]) &&
    hasText(caller, ["id", "kind", "name", "owner", "provider"]) &&
    isTextList(caller["groups"]) &&
    hasText(resource, ["type", "id", "name", "owner"]) &&
    typeof value["wouldDeny"] === "boolean" &&
    Array.isArray(value["rules"]) &&
    value["rules"].every(
      (rule) => isObject(rule) && hasText(rule, ["id", "kind", "file"]) && typeof rule["line"] === "number",
    )
  );
}

function isOutcome(value: unknown): value is AuditOutcome {
  return (
    isObject(value) &&
    ["status", "bytesIn", "bytesOut", "durationMs"].every((name) => typeof value[name] === "number") &&
    typeof value["end"] === "string"
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasText(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
