// The JSON documents of an image, read so that no other reader can see something else in them.
// Registries and engines read them with Go, which takes keys in any case and the last of several: such documents are refused.

import { PlimsollError } from "../../base/errors.ts";
import { decodeJson, foldKey } from "../../base/json.ts";
import type { Decoder } from "../../base/schema.ts";
import type { JsonValue } from "../../model/json.ts";

export type DocumentReading<T> = {
  /** `manifest`, for messages. */
  readonly what: string;
  readonly maxBytes: number;
  readonly decoder: Decoder<T>;
};

/** Objects below these keys map names that the author chose: `a` and `A` may both be there. */
const maps: ReadonlySet<string> = new Set(["annotations", "Labels", "ExposedPorts", "Volumes", "labels"]);
const maxDepth = 32;

/** @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, AMBIGUOUS_INPUT */
export function readDocument<T>(bytes: Uint8Array, reading: DocumentReading<T>): T {
  const { what, maxBytes, decoder } = reading;
  const value = decodeJson(bytes, { maxBytes, maxDepth, duplicates: "exact" });
  checkKeys(value, what);
  try {
    return decoder(value, "");
  } catch (cause) {
    if (!(cause instanceof PlimsollError)) throw cause;
    throw new PlimsollError(cause.code, `${what}: ${cause.message}`, { hint: "build or fetch the image again", cause });
  }
}

function checkKeys(value: JsonValue, where: string): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const member of value) checkKeys(member, where);
    return;
  }
  const seen = new Set<string>();
  for (const [key, member] of Object.entries(value)) {
    const folded = foldKey(key);
    if (key === "__proto__" || seen.has(folded))
      throw ambiguousDocument(where, `the key ${JSON.stringify(key)} twice, or as no field`);
    seen.add(folded);
    if (!maps.has(key)) checkKeys(member, where);
  }
}

/** @param what the document says, that another reader would understand differently */
export function ambiguousDocument(where: string, what: string): PlimsollError {
  return new PlimsollError("AMBIGUOUS_INPUT", `${where}: ${what}`, {
    hint: "do not use this image; build it again with docker or buildah",
  });
}

/** Refuses keys that Go takes for one of these fields and we do not: `Layers` for `layers`. */
export function spelledExactly<T>(names: readonly string[], decoder: Decoder<T>): Decoder<T> {
  const known = new Map(names.map((name) => [foldKey(name), name]));
  return (value, path) => {
    for (const key of typeof value === "object" && value !== null ? Object.keys(value) : []) {
      const name = known.get(foldKey(key));
      if (name !== undefined && name !== key)
        throw ambiguousDocument(path === "" ? "document" : path, `${key} for ${name}`);
    }
    return decoder(value, path);
  };
}
