// Takes a connection away from Node's HTTP server for good: from here on its bytes are ours.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Not `close`: then the server frees its parser, which holds the socket and is freed by nobody else, and forgets the connection. */
const httpEvents = ["data", "end", "drain", "error", "timeout", "readable", "pause", "resume"] as const;

/**
 * Call it once the request has been read, or is never to be read. Adding a `data` listener makes Node's server give the
 * file descriptor back to the socket (its parser reads past JavaScript otherwise); then the server's listeners go.
 * @returns the socket, paused
 */
export function takeSocket(request: IncomingMessage, response: ServerResponse): Socket {
  const { socket } = request;
  socket.on("data", ignore);
  for (const event of httpEvents) socket.removeAllListeners(event);
  if (response.socket === socket) response.detachSocket(socket);
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.on("error", ignore);
  socket.pause();
  return socket;
}

/** A socket that errs also closes, and the close is what everybody waits for. */
function ignore(): void {}
