// Facts as canonical JSON. Those of one kind of call have the same names in the same order, so names are sorted once for
// each kind; and callers ask the same thing again and again, so the last text of each kind is kept.

import { canonicalJson } from "../base/canonical-json.ts";
import type { Facts, FactValue } from "../model/facts.ts";

const maxShapes = 64;
/** What is longer is not kept. */
const maxKeptLength = 16_384;

/** @returns what writes the same as canonicalJson(), with a memory */
export function factsWriter(): (facts: Facts) => string {
  let shapes: readonly Shape[] = [];
  return (facts) => {
    const names = Object.keys(facts);
    const known = shapes.find((shape) => shape.has(names));
    if (known !== undefined) return known.write(facts);
    const shape = new Shape(names);
    shapes = [shape, ...shapes].slice(0, maxShapes);
    return shape.write(facts);
  };
}

class Shape {
  readonly #names: readonly string[];
  /** In canonical order, with what stands before the value. */
  readonly #members: readonly { readonly name: string; readonly before: string }[];
  #facts: Facts = {};
  #text = "";

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#members = names
      .toSorted()
      .map((name, index) => ({ name, before: `${index === 0 ? "" : ","}${canonicalJson(name)}:` }));
  }

  has(names: readonly string[]): boolean {
    return isSameList(this.#names, names);
  }

  write(facts: Facts): string {
    if (this.#text !== "" && (this.#facts === facts || this.#isSame(facts))) return this.#text;
    const text = this.#compose(facts);
    this.#facts = facts;
    this.#text = text.length <= maxKeptLength ? text : "";
    return text;
  }

  #isSame(facts: Facts): boolean {
    return this.#names.every((name) => isSameValue(this.#facts[name], facts[name]));
  }

  #compose(facts: Facts): string {
    let text = "{";
    for (const { name, before } of this.#members) text += before + canonicalJson(facts[name] ?? null);
    return `${text}}`;
  }
}

function isSameValue(one: FactValue | undefined, other: FactValue | undefined): boolean {
  return one === other || (typeof one === "object" && typeof other === "object" && isSameList(one, other));
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
