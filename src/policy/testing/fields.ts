// A mapping from a YAML file, read key by key: unknown keys and values of another type are mistakes.

import type { PlimsollError } from "../../base/errors.ts";
import type { Facts, FactValue } from "../../model/facts.ts";

export class Fields {
  /** A mistake in this mapping, with its place. */
  readonly fail: (what: string) => PlimsollError;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown, known: readonly string[], fail: (what: string) => PlimsollError) {
    this.fail = fail;
    if (!isRecord(value)) throw fail(`expected a mapping of ${known.join(", ")}`);
    this.#values = value;
    const unknown = Object.keys(value).find((key) => !known.includes(key));
    if (unknown !== undefined) throw fail(`${unknown} is not known, expected ${known.join(", ")}`);
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  value(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value !== "string") throw this.fail(`${key}: expected a text`);
    return value;
  }

  textOr(key: string, fallback: string): string {
    return this.has(key) ? this.text(key) : fallback;
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    if (!Array.isArray(value)) throw this.fail(`${key}: expected a list`);
    return value;
  }

  texts(key: string): readonly string[] {
    return this.list(key).map((item) => {
      if (typeof item !== "string") throw this.fail(`${key}: expected a list of texts`);
      return item;
    });
  }

  /** Empty when there is none. */
  facts(key: string): Facts {
    const value = this.value(key) ?? {};
    if (!isRecord(value)) throw this.fail(`${key}: expected a mapping of facts`);
    return Object.fromEntries(Object.entries(value).map(([name, fact]) => [name, this.#fact(name, fact)]));
  }

  #fact(name: string, value: unknown): FactValue {
    if (typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    if (isTextList(value)) return value;
    throw this.fail(`${name}: expected true, false, an integer, a text or a list of texts`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
