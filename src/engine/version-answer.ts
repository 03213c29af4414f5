// Fields of the engine's own answers, read without trusting their shape.

/** The value of one key of a JSON object; undefined for everything that is not an object with that key. */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** A text field; "" when it is missing or is not text. */
export function textField(value: unknown, key: string): string {
  const found = field(value, key);
  return typeof found === "string" ? found : "";
}

export function listField(value: unknown, key: string): readonly unknown[] {
  const found = field(value, key);
  return Array.isArray(found) ? found : [];
}

/** What the engine of an answer of GET /version is made of: `Engine`, `containerd`, `runc`. */
export function componentNames(version: unknown): readonly string[] {
  return listField(version, "Components").map((component) => textField(component, "Name"));
}
