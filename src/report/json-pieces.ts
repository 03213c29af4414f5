// JSON in pieces: the outer levels one member a line, so that people and diff tools find their way; the rest compact.
// Characters that could move a terminal's cursor are written as escapes: the same value, safe to show.

import { printableJson } from "../base/printable.ts";

/** @param levels how many levels of objects and lists stand on lines of their own */
export function* jsonPieces(value: unknown, levels: number, indent: string = ""): Generator<string> {
  if (levels === 0 || typeof value !== "object" || value === null) {
    yield printableJson(JSON.stringify(value) ?? "null");
    return;
  }
  const isList = Array.isArray(value);
  const members: readonly (readonly [string, unknown])[] = isList
    ? value.map((item: unknown) => ["", item])
    : Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) {
    yield isList ? "[]" : "{}";
    return;
  }
  const inner = `${indent}  `;
  let separator = isList ? "[" : "{";
  for (const [key, member] of members) {
    yield `${separator}\n${inner}${isList ? "" : `${printableJson(JSON.stringify(key))}: `}`;
    yield* jsonPieces(member, levels - 1, inner);
    separator = ",";
  }
  yield `\n${indent}${isList ? "]" : "}"}`;
}

/** A whole document with the line break at its end. */
export function* jsonDocument(value: unknown, levels: number): Generator<string> {
  yield* jsonPieces(value, levels);
  yield "\n";
}
