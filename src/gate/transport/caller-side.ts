// The caller's side of one answer: either Node's ServerResponse, which keeps the connection for more requests, or the bare
// socket, for tunnels, large downloads and answers after which the connection has to close.

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gateHeader } from "../../engine/find.ts";
import { headBytes } from "./headers.ts";

/** Who looks for an engine knows by this header that it found a gate. */
const gateMark: readonly string[] = [gateHeader, "1"];

export interface CallerSide {
  readonly isRaw: boolean;
  readonly hasSentHead: boolean;
  /**
   * @param headers name, value, name, value..., without hop-by-hop headers
   * @param comesInPieces of a length that nobody knows yet, without a framing of their own
   */
  sendHead(status: number, reason: string, headers: readonly string[], comesInPieces?: boolean): void;
  /** The head has to go out now, although nothing follows yet. */
  flushHead(): void;
  /** @returns false when the caller should be given time, until it has drained */
  write(bytes: Uint8Array, onWritten?: () => void): boolean;
  onceDrained(listener: () => void): void;
  /** Calls once, when the caller's connection ends before `end` did. */
  onGone(listener: () => void): void;
  /** The caller knows from here on that the answer was whole. */
  end(bytes?: Uint8Array): void;
  /** The caller knows that it was not. */
  destroy(): void;
}

/** Node sends head and body in one write when the body is text. */
const maxJoinedBytes = 16 * 1024;

export type RawSide = CallerSide & { readonly socket: Socket };

export function keptSide(response: ServerResponse): CallerSide {
  return new KeptSide(response);
}

class KeptSide implements CallerSide {
  readonly isRaw = false;
  hasSentHead = false;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  sendHead(status: number, reason: string, headers: readonly string[]): void {
    this.hasSentHead = true;
    this.#response.sendDate = false;
    this.#response.writeHead(status, reason, [...headers, ...gateMark]);
  }

  flushHead(): void {
    this.#response.flushHeaders();
  }

  write(bytes: Uint8Array, onWritten?: () => void): boolean {
    return this.#response.write(bytes, onWritten);
  }

  onceDrained(listener: () => void): void {
    this.#response.once("drain", listener);
  }

  onGone(listener: () => void): void {
    const response = this.#response;
    response.on("close", () => response.writableFinished || listener());
    if (response.destroyed || response.closed) queueMicrotask(listener);
  }

  end(bytes?: Uint8Array): void {
    if (bytes === undefined) this.#response.end();
    else if (bytes.length > maxJoinedBytes) this.#response.end(bytes);
    else this.#response.end(asBuffer(bytes).toString("latin1"), "latin1");
  }

  destroy(): void {
    this.#response.destroy();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Bytes of an upload that is no longer wanted, read so that the caller gets to see the answer. */
const maxDrainedBytes = 256 * 1024 * 1024;
const lingerMs = 5000;

/** @param socket already taken from the HTTP parser by `takeSocket` */
export function rawSide(socket: Socket): RawSide {
  let hasSentHead = false;
  let isChunked = false;
  let framesItself = false;
  let hasEnded = false;
  const write = (bytes: Uint8Array, onWritten?: () => void): boolean => {
    if (!framesItself) return socket.write(bytes, onWritten);
    if (bytes.length === 0) return true;
    socket.cork();
    socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
    socket.write(bytes, onWritten);
    const hasRoom = socket.write("\r\n", "latin1");
    socket.uncork();
    return hasRoom;
  };
  return {
    isRaw: true,
    socket,
    get hasSentHead() {
      return hasSentHead;
    },
    sendHead(status, reason, headers, comesInPieces = false) {
      hasSentHead = true;
      framesItself = comesInPieces;
      const isFramed = headers.some((word, at) => at % 2 === 0 && word.toLowerCase() === "transfer-encoding");
      isChunked = framesItself || isFramed;
      const framing = framesItself ? ["Transfer-Encoding", "chunked"] : [];
      socket.write(headBytes(`HTTP/1.1 ${status} ${reason}`, [...headers, ...framing, ...gateMark]), "latin1");
    },
    flushHead: () => undefined,
    write,
    onceDrained: (listener) => void socket.once("drain", listener),
    onGone(listener) {
      socket.on("close", () => hasEnded || listener());
      if (socket.destroyed) queueMicrotask(listener);
    },
    end(bytes) {
      hasEnded = true;
      if (bytes !== undefined) write(bytes);
      if (isChunked) socket.write("0\r\n\r\n", "latin1");
      socket.end();
      linger(socket);
    },
    destroy: () => void socket.destroy(),
  };
}

/** Reads what the caller still sends, so that closing does not reset the connection under the answer. */
function linger(socket: Socket): void {
  let drained = 0;
  socket.on("data", (bytes: Buffer) => {
    drained += bytes.length;
    if (drained > maxDrainedBytes) socket.destroy();
  });
  socket.on("end", () => socket.destroySoon());
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.on("close", () => clearTimeout(timer));
}
