// JSON in pieces: the outer levels one member a line, so that people and diff tools find their way; the rest compact.
// Characters that could move a terminal's cursor are written as escapes: the same value, safe to show.

import { printableJson } from "../base/printable.ts";

/** A list whose items are made one at a time, when they are written: a long report never stands in memory whole. */
export function rows<Item>(make: () => Iterable<Item>): Iterable<Item> {
  return { [Symbol.iterator]: () => make()[Symbol.iterator]() };
}

/** @param value lists may be iterables, of which one item is held at a time; below the outer levels they have to be arrays @param levels how many levels of objects and lists stand on lines of their own */
export function* jsonPieces(value: unknown, levels: number, indent: string = ""): Generator<string> {
  if (levels === 0 || typeof value !== "object" || value === null) {
    yield printableJson(JSON.stringify(value) ?? "null");
    return;
  }
  const inner = `${indent}  `;
  const isList = Symbol.iterator in value;
  const [first, last] = isList ? ["[", "]"] : ["{", "}"];
  let separator = first;
  for (const [name, member] of isList ? items(value) : Object.entries(value)) {
    if (!isList && member === undefined) continue;
    yield `${separator}\n${inner}${isList ? "" : `${printableJson(JSON.stringify(name))}: `}`;
    yield* jsonPieces(member, levels - 1, inner);
    separator = ",";
  }
  yield separator === first ? `${first}${last}` : `\n${indent}${last}`;
}

function* items(list: object): Generator<readonly ["", unknown]> {
  if (!isIterable(list)) return;
  for (const item of list) yield ["", item];
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === "function";
}

/** A whole document with the line break at its end. */
export function* jsonDocument(value: unknown, levels: number): Generator<string> {
  yield* jsonPieces(value, levels);
  yield "\n";
}
