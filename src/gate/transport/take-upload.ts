// Takes a connection away from Node's HTTP server in the middle of a request body: what has been read comes along, what is
// still to come stays in the kernel.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { maySplice } from "../../base/native/splice.ts";
import { isPlain, stopReading } from "./socket-handle.ts";
import { takeSocket } from "./take-socket.ts";

export type TakenUpload = {
  readonly caller: Socket;
  readonly before: readonly Buffer[];
  /** Bytes in `before` that nobody had counted. */
  readonly bytesRead: number;
  /** Bytes of the body that are still to come. */
  readonly left: number;
};

const minBytes = 1024 * 1024;

/** Most of the body is still to come, its end is known, and its bytes can be moved by the kernel. */
export function isWorthTaking(request: IncomingMessage): boolean {
  return (
    !request.complete &&
    request.headers["transfer-encoding"] === undefined &&
    announcedBytes(request) >= minBytes &&
    isPlain(request.socket) &&
    maySplice()
  );
}

/** @param read pieces of the body that were taken from the request before */
export async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
  read: readonly Buffer[],
): Promise<TakenUpload> {
  // What came with the head may not be parsed to its end yet.
  await nextTurn();
  const parsed: unknown = request.read();
  const caller = takeSocket(request, response);
  const uncounted = [...(Buffer.isBuffer(parsed) ? [parsed] : []), ...stopReading(caller)];
  const room = announcedBytes(request) - length(read);
  // What follows the body is no part of it, and will never be read as a request.
  const body = Buffer.concat(uncounted).subarray(0, room);
  return { caller, before: [...read, body], bytesRead: body.length, left: room - body.length };
}

function announcedBytes(request: IncomingMessage): number {
  return Number(request.headers["content-length"] ?? 0);
}

function length(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
