// One spelling for one value: keys sorted by UTF-16 code units, no spaces, as RFC 8785 asks. Hashes are taken over it.
// Finite numbers only, which ECMAScript already writes the RFC's way (section 3.2.2.3).

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonicalJson(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return canonicalScalar(value);
  const members: string[] = [];
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  for (const [key, member] of [...entries].sort(byKey)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

function canonicalScalar(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value);
  if (typeof text !== "string") throw new TypeError(`no JSON for a value of type ${typeof value}`);
  return text;
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : 1;
}
