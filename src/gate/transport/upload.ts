// A request body on its way to the engine: inspected piece by piece, held back where a verdict needs its end.

import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { malformed } from "../../base/errors.ts";
import type { InspectedTar } from "../uploads/inspected-tar.ts";
import type { Upload } from "./relay.ts";

export type UploadOptions = {
  readonly request: IncomingMessage;
  /** What was read before; it goes first. */
  readonly before: readonly Uint8Array[];
  /** The engine gets chunks; false: as many bytes as the caller announced. */
  readonly isChunked: boolean;
  /** How many bytes that are. */
  readonly announced: number;
  readonly inspect?: InspectedTar;
  readonly counts: { bytesIn: number };
};

/** Uploads take as long as they take, unless nothing moves at all. */
const uploadIdleMs = 15 * 60_000;

export function upload(options: UploadOptions): Upload {
  const stopped = new AbortController();
  return {
    run: (connection) => pump(options, connection.socket, stopped.signal),
    stop: () => stopped.abort(),
  };
}

async function pump(options: UploadOptions, engine: Socket, stopped: AbortSignal): Promise<boolean> {
  const { request, before, isChunked, announced, inspect, counts } = options;
  const held: Uint8Array[] = [];
  let seen = 0;
  for (const piece of before) await pass(piece);
  await eachPiece(request, stopped, (piece) => {
    counts.bytesIn += piece.length;
    return pass(piece);
  });
  if (stopped.aborted) return false;
  await inspect?.finish();
  for (const piece of inspect?.change?.release(held) ?? held) write(engine, piece, isChunked);
  if (isChunked) engine.write("0\r\n\r\n", "latin1");
  return true;

  function pass(piece: Uint8Array): Promise<void> | undefined {
    seen += piece.length;
    const inspected = inspect?.observe(piece);
    if (inspected !== undefined) return inspected.then(() => passOrHold(piece));
    return passOrHold(piece);
  }

  function passOrHold(piece: Uint8Array): Promise<void> | undefined {
    const pieces = inspect?.change?.pass() ?? [piece];
    // An archive may stop without an end marker: whole it is with the last byte that was announced.
    const isLast = inspect !== undefined && !isChunked && seen >= announced;
    if (isLast || inspect?.holdsBack === true) {
      held.push(...pieces);
      return undefined;
    }
    let hasRoom = true;
    for (const one of pieces) hasRoom = write(engine, one, isChunked);
    return hasRoom ? undefined : drained(engine, stopped);
  }
}

function write(engine: Socket, piece: Uint8Array, isChunked: boolean): boolean {
  if (piece.length === 0 || engine.destroyed) return true;
  if (!isChunked) return engine.write(piece, () => freeBytes(piece));
  engine.cork();
  engine.write(`${piece.length.toString(16)}\r\n`, "latin1");
  engine.write(piece, () => freeBytes(piece));
  const hasRoom = engine.write("\r\n", "latin1");
  engine.uncork();
  return hasRoom;
}

/**
 * Node's parser gives every piece of a body memory of its own. Left to the garbage collector, 64 MB of them start a full
 * collection: that was two thirds of what an upload cost. What shares its memory with anything else stays.
 */
function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Calls `take` with one piece after the other; while it works, the request is paused. */
function eachPiece(
  request: IncomingMessage,
  stopped: AbortSignal,
  take: (piece: Buffer) => Promise<void> | undefined,
): Promise<void> {
  if (request.readableEnded) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let isBusy = false;
    let hasEnded = false;
    request.socket.setTimeout(uploadIdleMs);
    const stop = (): void => {
      request.socket.setTimeout(0);
      request.off("data", onData);
      request.off("end", onEnd);
      request.off("close", onClose);
      stopped.removeEventListener("abort", onStopped);
    };
    const settle = (done: () => void): void => {
      stop();
      done();
    };
    const onData = (piece: Buffer): void => {
      const work = tryTake(piece);
      if (work === undefined) return;
      isBusy = true;
      request.pause();
      work.then(
        () => {
          isBusy = false;
          if (hasEnded) settle(resolve);
          else request.resume();
        },
        (error: unknown) => settle(() => reject(error)),
      );
    };
    const tryTake = (piece: Buffer): Promise<void> | undefined => {
      try {
        return take(piece);
      } catch (error) {
        settle(() => reject(error));
        return undefined;
      }
    };
    const onEnd = (): void => {
      hasEnded = true;
      if (!isBusy) settle(resolve);
    };
    const onClose = (): void => {
      if (!request.complete) settle(() => reject(malformed("request body", "the caller went away before its end")));
    };
    const onStopped = (): void => settle(resolve);
    request.on("data", onData);
    request.on("end", onEnd);
    request.on("close", onClose);
    stopped.addEventListener("abort", onStopped);
    request.resume();
  });
}

function drained(engine: Socket, stopped: AbortSignal): Promise<void> {
  if (engine.destroyed || stopped.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      engine.off("drain", done);
      engine.off("close", done);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    engine.on("drain", done);
    engine.on("close", done);
    stopped.addEventListener("abort", done);
  });
}
