// JSON as values that lose nothing: integers beyond 2^53 stay exact as bigint.

export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** An object made by `base/json.ts`, keys in the order they were read. Keys from outside are found by Object.hasOwn. */
export type JsonObject = { readonly [key: string]: JsonValue };
