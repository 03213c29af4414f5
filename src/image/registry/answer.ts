// What a registry answered: taken only in the statuses that were asked for, and never longer than expected.

import type { IncomingMessage } from "node:http";
import { limitExceeded } from "../../base/errors.ts";
import { asUnreachable, refused } from "./send.ts";

export const attempts = 3;
export const firstPauseMs = 250;

/** Troubles that may be over in a moment. */
export function isPassing(status: number | undefined): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Compressed once more on its way: the bytes would not be those of the digest. */
export function checkEncoding(answer: IncomingMessage): void {
  const encoding = answer.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw dropped(answer) ?? refused(`an answer in the encoding ${encoding.slice(0, 40)}`);
}

/** @throws PlimsollError REGISTRY_REFUSED for any other status */
export function checkStatus(answer: IncomingMessage, expected: readonly number[]): void {
  if (expected.includes(answer.statusCode ?? 0)) return;
  throw dropped(answer) ?? refused(`answers with ${answer.statusCode}`);
}

export function dropped(answer: IncomingMessage): undefined {
  answer.destroy();
  return undefined;
}

/** @throws PlimsollError LIMIT_EXCEEDED at the first byte beyond, REGISTRY_UNREACHABLE when it breaks off */
export async function readWhole(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer) {
      if (!(piece instanceof Uint8Array)) continue;
      length += piece.length;
      if (length > maxBytes) throw limitExceeded("registry", `an answer of more than ${maxBytes} bytes`);
      pieces.push(Buffer.from(piece));
    }
  } catch (cause) {
    throw dropped(answer) ?? asUnreachable("", cause);
  }
  return Buffer.concat(pieces);
}
