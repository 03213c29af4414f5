// The first bytes that a client sends over TCP, read as an HTTP/1 request: method, host and path. Bodies are not looked at.
// Source: RFC 9112, sections 3 and 5.

export type HttpRequest = {
  readonly method: string;
  /** As sent, at most 2048 characters, control characters and bytes above 0x7e as `?`. */
  readonly path: string;
  /** Host header, or the host of an absolute target; "" when there is none. Lower case. */
  readonly host: string;
  readonly userAgent: string;
  /** Everything up to the end of the headers, for signs of an attack; at most 8 KiB. */
  readonly head: string;
};

const maxHeadBytes = 8192;
const maxPath = 2048;
const methods = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|MKCOL|COPY|MOVE) /;

/** @returns undefined when it is no request, "more" when the headers have not ended yet */
export function decodeHttpRequest(bytes: Uint8Array): HttpRequest | "more" | undefined {
  const head = readHead(bytes);
  if (
    head.length < 10
      ? !"GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND MKCOL COPY MOVE".includes(head)
      : !methods.test(head)
  )
    return undefined;
  const end = head.indexOf("\r\n\r\n");
  if (end < 0 && bytes.length < maxHeadBytes) return "more";
  const [line = "", ...fields] = (end < 0 ? head : head.slice(0, end)).split("\r\n");
  const [, method, target] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(line) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const [, authority, absolutePath] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? [];
  const host = (authority ?? fieldOf(fields, "host")).toLowerCase().slice(0, 255);
  return {
    method,
    path: (authority === undefined ? target : absolutePath || "/").slice(0, maxPath),
    host: /^[a-z0-9._:[\]-]*$/.test(host) ? host : "?",
    userAgent: fieldOf(fields, "user-agent").slice(0, 256),
    head: end < 0 ? head : head.slice(0, end),
  };
}

function fieldOf(fields: readonly string[], name: string): string {
  const found = fields.find((field) => field.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return found?.slice(name.length + 1).trim() ?? "";
}

/** One character a byte; what would move a terminal's cursor becomes `?`. */
function readHead(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, maxHeadBytes)).toString("latin1");
  return text.replace(/[^\r\n\t\u0020-\u007e]/g, "?");
}
