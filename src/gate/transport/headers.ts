// Which headers cross the gate. Hop-by-hop headers belong to one connection and never do.
// Source: RFC 9110, section 7.6.1.

const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @param name lower case */
export function isHopByHop(name: string): boolean {
  return hopByHop.has(name);
}

/** @param raw name, value, name, value... @param dropped lower-case names that go as well */
export function endToEndHeaders(raw: readonly string[], dropped: ReadonlySet<string> = nothing): string[] {
  const named = namedByConnection(headerValue(raw, "connection"));
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    if (hopByHop.has(name) || named.has(name) || dropped.has(name)) continue;
    kept.push(raw[at] ?? "", raw[at + 1] ?? "");
  }
  return kept;
}

/** The first value of a header. @param name lower case */
export function headerValue(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if ((raw[at] ?? "").toLowerCase() === name) return raw[at + 1];
  }
  return undefined;
}

/** The head of an HTTP/1.1 message as bytes. @throws TypeError on characters that would end a line or the target */
export function headBytes(firstLine: string, headers: readonly string[]): string {
  let text = `${firstLine}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  text += "\r\n";
  return text;
}

/** A request target that is one word of visible ASCII. */
export function isSafeTarget(target: string): boolean {
  return /^[\x21-\x7e]+$/.test(target);
}

export function areSafeHeaders(headers: Readonly<Record<string, string | readonly string[]>>): boolean {
  return Object.entries(headers).every(
    ([name, value]) =>
      /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && (typeof value === "string" ? [value] : value).every(isSafeValue),
  );
}

function isSafeValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

const nothing: ReadonlySet<string> = new Set();

/** Names that a Connection header makes hop-by-hop as well. */
export function namedByConnection(value: string | undefined): ReadonlySet<string> {
  if (value === undefined || value === "") return nothing;
  return new Set(value.split(",").map((name) => name.trim().toLowerCase()));
}
