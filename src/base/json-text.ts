// Bytes -> text, when they are UTF-8 and nothing else.
// Source: RFC 8259, section 8.1 (no byte order mark: it stays in the text, where nothing takes it).

import { isAscii } from "node:buffer";
import { PlimsollError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws PlimsollError MALFORMED_INPUT with the place of the first broken byte */
export function decodeText(bytes: Uint8Array): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new PlimsollError("MALFORMED_INPUT", `JSON: invalid UTF-8 near byte ${validPrefixLength(bytes)}`, {
      hint: "send JSON as UTF-8",
      cause,
    });
  }
}

/** Length of the longest prefix that is well-formed UTF-8, give or take one unfinished character. */
function validPrefixLength(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.byteLength;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isUtf8Prefix(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
