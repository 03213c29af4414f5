// The first line of a connection, within a limit.

import type { Socket } from "node:net";
import { limitExceeded } from "../../base/errors.ts";
import { maxLineBytes } from "./protocol.ts";

/** @returns undefined when the peer left before a whole line came. @throws PlimsollError LIMIT_EXCEEDED */
export async function readLine(socket: Socket): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    const bytes = Buffer.from(chunk);
    const end = bytes.indexOf(0x0a);
    chunks.push(end === -1 ? bytes : bytes.subarray(0, end));
    length += bytes.length;
    if (length > maxLineBytes) throw limitExceeded("control socket", `a line of more than ${maxLineBytes} bytes`);
    if (end !== -1) return Buffer.concat(chunks).toString("utf8");
  }
  return undefined;
}
