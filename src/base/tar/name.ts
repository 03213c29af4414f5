// Names of files as text that keeps every byte, and the place in a tree that a name stands for.
// Source: go/src/path/filepath (Clean); PEP 383 for the escaping of bytes that are not UTF-8.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that are not UTF-8 become U+DC80..U+DCFF, one each, so that two different names stay different. */
export function decodeName(bytes: Buffer, start: number = 0, end: number = bytes.length): string {
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] ?? 0) >= 0x80) return decodeUnicode(bytes.subarray(start, end));
  }
  return bytes.toString("latin1", start, end);
}

/** The bytes up to the first NUL, decoded. */
export function decodeText(bytes: Buffer, start: number = 0, end: number = bytes.length): string {
  let last = start;
  while (last < end && bytes[last] !== 0) last += 1;
  return decodeName(bytes, start, last);
}

export type Place = {
  /** `a/b`, without leading slash; "" is the root. */
  readonly path: string;
  /** Other readers strip, refuse or follow it: `absolute-path`, `dot-dot`; "" for most names. */
  readonly rule: "" | "absolute-path" | "dot-dot";
};

/** Where an engine puts the name: cleaned, below the root whatever it says. */
export function placeOf(name: string): Place {
  const start = name.startsWith("./") ? 2 : 0;
  const end = name.endsWith("/") && name.length > start ? name.length - 1 : name.length;
  const path = name.slice(start, end);
  return isClean(path) ? { path, rule: "" } : cleaned(name);
}

/** A shortcut for most names of most archives, never the judge. */
function isClean(path: string): boolean {
  return path !== "" && !/^[/.]|\/$/.test(path) && !path.includes("//") && !path.includes("/.");
}

function cleaned(name: string): Place {
  const kept: string[] = [];
  let hasDotDot = false;
  for (const segment of name.split("/")) {
    if (segment === "" || segment === ".") continue;
    hasDotDot ||= segment === "..";
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  const path = kept.join("/");
  if (hasDotDot) return { path, rule: "dot-dot" };
  return { path, rule: name.startsWith("/") && path !== "" ? "absolute-path" : "" };
}

function decodeUnicode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return escapeBytes(bytes); // it is a name, so it has to be shown all the same
  }
}

function escapeBytes(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const decoded = decodeSequence(bytes.subarray(at, at + length));
    text += decoded ?? String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    at += decoded === undefined ? 1 : length;
  }
  return text;
}

/** As the first byte claims; 1 for what is no first byte. */
function sequenceLength(first: number): number {
  if (first < 0xc2) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function decodeSequence(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined; // this byte stands alone
  }
}
