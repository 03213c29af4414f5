// One connection to the engine's socket. Bytes are read into buffers that are used again, because most of what crosses
// the gate is copied straight to the caller; Node's own way allocates 64 KiB for each read.

import { connect, type Socket } from "node:net";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { createHeadReader } from "./answer-head.ts";
import { type AnswerHandler, AnswerReader } from "./answer-reader.ts";

export interface EngineListener extends AnswerHandler {
  /** All bytes that arrived together have been handed over. */
  onTurn(): void;
  /** The connection ended before the answer did. */
  onBroken(error: Error): void;
}

/** Where the next bytes from the engine are read to. */
export type ReadBuffer = () => Buffer;

/** Upload bytes that may wait here, so that reading from the caller and writing to the engine overlap. */
const writableHighWaterMark = 1024 * 1024;
/** Copying so few bytes takes less than writing two pieces. */
const maxJoinedBytes = 16 * 1024;
const sharedBuffer = Buffer.allocUnsafeSlow(128 * 1024);
const useSharedBuffer: ReadBuffer = () => sharedBuffer;

export class EngineConnection {
  readonly #socket: Socket;
  readonly #readHead = createHeadReader();
  #reader: AnswerReader | undefined;
  #listener: EngineListener | undefined;
  #readBuffer: ReadBuffer = useSharedBuffer;
  #isIdle = true;
  onIdleClose: () => void = ignore;

  private constructor(path: string) {
    this.#socket = connect({
      path,
      allowHalfOpen: true,
      ...{ writableHighWaterMark },
      onread: {
        buffer: () => this.#readBuffer(),
        callback: (length, buffer) => this.#onBytes(buffer, length),
      },
    });
  }

  /** @throws PlimsollError ENGINE_UNREACHABLE */
  static open(path: string): Promise<EngineConnection> {
    const connection = new EngineConnection(path);
    const socket = connection.#socket;
    return new Promise((resolve, reject) => {
      socket.once("error", (cause) => reject(unreachable(path, cause)));
      socket.once("connect", () => {
        socket.removeAllListeners("error");
        connection.#watch();
        resolve(connection);
      });
    });
  }

  get isUsable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#socket.readable;
  }

  /** Room for what a tunnel or a large upload writes. */
  get socket(): Socket {
    return this.#socket;
  }

  /** Sends the head (and a small body with it) and hands the answer to the listener. */
  ask(method: string, head: string, body: Uint8Array | undefined, listener: EngineListener): void {
    this.#isIdle = false;
    this.#listener = listener;
    this.#reader = new AnswerReader(listener, method, this.#readHead);
    if (body === undefined || body.length === 0) {
      this.#socket.write(head, "latin1");
      return;
    }
    if (body.length <= maxJoinedBytes) {
      this.#socket.write(joined(head, body));
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, "latin1");
    this.#socket.write(body);
    this.#socket.uncork();
  }

  /** From the next read on. */
  readInto(readBuffer: ReadBuffer): void {
    this.#readBuffer = readBuffer;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Makes the connection ready for another request. @returns false when it is not fit for one */
  rest(): boolean {
    const isFit = this.isUsable && this.#reader?.isDone === true;
    this.#listener = undefined;
    this.#reader = undefined;
    this.#readBuffer = useSharedBuffer;
    this.#isIdle = true;
    if (isFit) this.#socket.resume();
    return isFit;
  }

  destroy(): void {
    this.#listener = undefined;
    this.#reader = undefined;
    this.#socket.destroy();
  }

  #watch(): void {
    this.#socket.on("error", (error) => this.#onGone(error));
    this.#socket.on("end", () => this.#onEnd());
    this.#socket.on("close", () => this.#onGone(new Error("the engine closed the connection")));
  }

  #onBytes(buffer: Uint8Array, length: number): boolean {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
    const listener = this.#listener;
    try {
      if (this.#reader === undefined) throw new Error("the engine spoke without being asked");
      this.#reader.feed(bytes);
    } catch (error) {
      this.#socket.destroy();
      this.#onGone(error instanceof Error ? error : new Error(errorText(error)));
      return false;
    }
    listener?.onTurn();
    return true;
  }

  #onEnd(): void {
    const listener = this.#listener;
    if (this.#isIdle || this.#reader === undefined) {
      this.#socket.destroy();
    } else if (this.#reader.isDone || this.#reader.finish()) {
      listener?.onTurn();
    } else {
      this.#socket.destroy();
      this.#onGone(new Error("the engine closed the connection"));
    }
  }

  #onGone(error: Error): void {
    const listener = this.#listener;
    const isWhole = this.#reader?.isDone === true;
    this.#listener = undefined;
    this.#reader = undefined;
    this.onIdleClose();
    if (!isWhole) listener?.onBroken(error);
  }
}

/** @param head latin1: a byte for each character */
function joined(head: string, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, "latin1");
  bytes.set(body, head.length);
  return bytes;
}

function unreachable(path: string, cause: Error): PlimsollError {
  return new PlimsollError("ENGINE_UNREACHABLE", `no engine answers at ${path}: ${errorText(cause)}`, {
    hint: "start the engine (systemctl start docker), or name its socket in the configuration",
    cause,
  });
}

function ignore(): void {}
