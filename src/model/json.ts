// JSON as values that lose nothing: integers beyond 2^53 stay exact as bigint, objects have no prototype.

export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** An object made by `base/json.ts`: no prototype, keys in the order they were read. */
export type JsonObject = { readonly [key: string]: JsonValue };
