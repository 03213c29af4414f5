// From `unknown` to a type, once, at the edge: configuration files and the engine's answers. The only file with `as`.
//
//   const isolation = object({ name: string, ports: optional(array(integer)), mode: literal("warn", "enforce") });
//   const value = decode(isolation, JSON.parse(text), { code: "CONFIG_INVALID", where: "plimsoll.yaml" });

import { type ErrorCode, PlimsollError } from "./errors.ts";

/** Returns the value with its type. @throws PlimsollError MALFORMED_INPUT that names the path */
export type Decoder<T> = (value: unknown, path: string) => T;

/** A field that may be absent (or null, which configuration files and engines write for absent). */
export type OptionalField<T> = { readonly isOptional: true; readonly decoder: Decoder<T> };

type Fields = Readonly<Record<string, Decoder<unknown> | OptionalField<unknown>>>;
type OptionalNames<F extends Fields> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];

/** What a decoder yields. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** The object that a table of fields describes. */
export type DecodedFields<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: F[K] extends Decoder<infer T> ? T : never;
} & {
  readonly [K in OptionalNames<F>]?: F[K] extends OptionalField<infer T> ? T : never;
};

export type DecodeContext = {
  /** Which code the reader of the error finds in the documentation. */
  readonly code: ErrorCode;
  /** The file or answer, `plimsoll.yaml`. */
  readonly where: string;
  readonly hint?: string;
};

/** Runs a decoder over a whole document. @throws PlimsollError with the code of the context */
export function decode<T>(decoder: Decoder<T>, value: unknown, context: DecodeContext): T {
  try {
    return decoder(value, "");
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw new PlimsollError(context.code, `${context.where}: ${cause.message}`, {
      hint: context.hint ?? cause.hint,
      cause,
    });
  }
}

export const string: Decoder<string> = (value, path) =>
  typeof value === "string" ? value : mismatch(path, "a string", value);

export const number: Decoder<number> = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? value : mismatch(path, "a number", value);

export const integer: Decoder<number> = (value, path) =>
  Number.isSafeInteger(value) ? number(value, path) : mismatch(path, "a whole number", value);

export const boolean: Decoder<boolean> = (value, path) =>
  typeof value === "boolean" ? value : mismatch(path, "true or false", value);

/** Anything at all, to be looked at later. */
export const anything: Decoder<unknown> = (value) => value;

/** One of a few words. */
export function literal<const W extends string>(...words: readonly W[]): Decoder<W> {
  return (value, path) => {
    const word = words.find((candidate) => candidate === value);
    return word ?? mismatch(path, `one of ${words.join(", ")}`, value);
  };
}

export function array<T>(items: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((item: unknown, at) => items(item, `${path}[${at}]`))
      : mismatch(path, "an array", value);
}

/** A map from any name to one kind of value; the result has no prototype. */
export function record<T>(values: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, path) => {
    const result: Record<string, T> = Object.create(null);
    for (const [key, member] of Object.entries(asObject(value, path))) result[key] = values(member, below(path, key));
    return result;
  };
}

export function optional<T>(decoder: Decoder<T>): OptionalField<T> {
  return { isOptional: true, decoder };
}

/** null is a value of its own. */
export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null ? null : decoder(value, path));
}

/** The first decoder that takes the value. */
export function either<A, B>(first: Decoder<A>, second: Decoder<B>): Decoder<A | B> {
  return (value, path) => {
    try {
      return first(value, path);
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError)) throw thrown;
      return second(value, path);
    }
  };
}

/** Reads the named fields and leaves the rest: for answers that grow with every version. */
export function object<const F extends Fields>(fields: F): Decoder<DecodedFields<F>> {
  const named = Object.entries(fields);
  return (value, path) => readFields<F>(named, asObject(value, path), path);
}

/** Like `object`, but a field that is not named is a mistake: for what people write. */
export function exactObject<const F extends Fields>(fields: F): Decoder<DecodedFields<F>> {
  const named = Object.entries(fields);
  return (value, path) => {
    const source = asObject(value, path);
    const unknown = Object.keys(source).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) throw unknownKey(below(path, unknown), Object.keys(fields));
    return readFields<F>(named, source, path);
  };
}

function readFields<F extends Fields>(
  fields: readonly (readonly [string, Fields[string]])[],
  source: Readonly<Record<string, unknown>>,
  path: string,
): DecodedFields<F> {
  const result: Record<string, unknown> = {};
  for (const [name, field] of fields) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (typeof field === "function") result[name] = field(value, below(path, name));
    else if (value !== undefined && value !== null) result[name] = field.decoder(value, below(path, name));
  }
  return result as DecodedFields<F>;
}

function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return mismatch(path, "an object", value);
  return value as Readonly<Record<string, unknown>>;
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function mismatch(path: string, expected: string, found: unknown): never {
  throw new PlimsollError(
    "MALFORMED_INPUT",
    `${path === "" ? "document" : path}: expected ${expected}, found ${nameOf(found)}`,
    {
      hint: "correct the value",
    },
  );
}

function unknownKey(path: string, known: readonly string[]): PlimsollError {
  return new PlimsollError("MALFORMED_INPUT", `${path}: no such key, expected one of ${known.join(", ")}`, {
    hint: "remove the key, or correct its spelling",
  });
}

function nameOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
