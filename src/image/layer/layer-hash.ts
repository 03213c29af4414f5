// SHA-256 of bytes that come piece by piece: in this thread, or beside it, in one of its own. There a piece moves to the other
// thread and its memory comes back: nothing is copied, and nobody can change what is being hashed.

import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { threadEnvironment } from "../../base/thread-environment.ts";

export const pieceBytes: number = 512 * 1024;

export interface LayerHash {
  /** Where the next piece is read into, when its memory will be taken away; undefined: the reader uses its own again and again. */
  readonly memory: (() => Buffer) | undefined;
  /** Takes the bytes away: they must not be looked at any more. Resolves when more may come. */
  update(bytes: Buffer): Promise<void> | undefined;
  /** Hex. */
  digest(): Promise<string>;
  close(): void;
}

export function hashHere(): LayerHash {
  const hash = createHash("sha256");
  return {
    memory: undefined,
    update(bytes) {
      hash.update(bytes);
      return undefined;
    },
    digest: () => Promise.resolve(hash.digest("hex")),
    close: () => undefined,
  };
}

/** Beside built JavaScript lies JavaScript. */
const program = new URL(import.meta.url.endsWith(".ts") ? "./hash-thread.ts" : "./hash-thread.js", import.meta.url);
const maxPieces = 6;

/** A thread costs as much as hashing some 30 MB. */
export function hashBeside(): LayerHash {
  const worker = new Worker(program, {
    name: "plimsoll hash",
    env: threadEnvironment(),
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
  });
  const free: Buffer[] = [];
  const ended = Promise.withResolvers<string>();
  let under = 0;
  let failure: Error | undefined;
  let room: PromiseWithResolvers<void> | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    ended.reject(failure);
    room?.reject(failure);
  };
  // Told to whoever asks next; nobody may be waiting now.
  ended.promise.catch(() => undefined);
  worker.on("message", (message: unknown) => {
    if (typeof message === "string") return ended.resolve(message);
    under -= 1;
    if (message instanceof Uint8Array && message.buffer.byteLength === pieceBytes)
      free.push(Buffer.from(message.buffer));
    room?.resolve();
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the thread that hashed the layer has ended")));
  return {
    memory: () => free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes),
    update(bytes) {
      if (failure !== undefined) return Promise.reject(failure);
      const piece = bytes.buffer.byteLength === pieceBytes ? toView(bytes) : new Uint8Array(bytes);
      worker.postMessage(piece, [piece.buffer]);
      under += 1;
      if (under < maxPieces) return undefined;
      room = Promise.withResolvers<void>();
      return room.promise;
    },
    digest() {
      worker.postMessage("end");
      return ended.promise;
    },
    close: () => void worker.terminate(),
  };
}

function toView(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(bytes);
}
