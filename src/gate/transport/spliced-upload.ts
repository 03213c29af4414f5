// A long request body on its way to the engine, most of it inside the kernel: what the inspector reads (headers, documents) is
// copied, read and written by us; the content between goes from socket to socket unseen, as it would have been passed on.
// What was inspected is what was sent: it is never read from the socket twice.

import type { Socket } from "node:net";
import { openSplicePath, type SplicePath } from "../../base/native/splice.ts";
import type { InspectedTar } from "../uploads/inspected-tar.ts";
import type { EngineConnection } from "./engine-connection.ts";
import type { Upload } from "./relay.ts";
import { descriptorOf, isReading, startReading, widenForBulk } from "./socket-handle.ts";

export type SplicedUploadOptions = {
  /** Taken from the HTTP parser; Node does not read it. */
  readonly caller: Socket;
  /** What was read before; it goes first. */
  readonly before: readonly Uint8Array[];
  /** Bytes of the body that are still to come on the caller's socket. */
  readonly left: number;
  readonly inspect?: InspectedTar;
  readonly counts: { bytesIn: number };
};

/** Uploads take as long as they take, unless nothing moves at all. */
const idleMs = 15 * 60_000;
/** Copying fewer bytes costs less than moving them. */
const minSplicedBytes = 32 * 1024;
const readBytes = 64 * 1024;
/** Then others have their turn. */
const stepsAtOnce = 16;

export function splicedUpload(options: SplicedUploadOptions): Upload {
  return new SplicedUpload(options);
}

class SplicedUpload implements Upload {
  readonly #options: SplicedUploadOptions;
  readonly #held: Uint8Array[] = [];
  readonly #buffer = Buffer.allocUnsafeSlow(readBytes);
  readonly #done = Promise.withResolvers<boolean>();
  #left: number;
  #engine: Socket | undefined;
  #path: SplicePath | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: SplicedUploadOptions) {
    this.#options = options;
    this.#left = options.left;
  }

  run(connection: EngineConnection): Promise<boolean> {
    this.#engine = connection.socket;
    this.#idle = setTimeout(() => this.#options.caller.destroy(), idleMs);
    this.#begin(connection.socket).catch((error: unknown) => this.#settle(() => this.#done.reject(error)));
    return this.#done.promise;
  }

  stop(): void {
    this.#settle(() => this.#done.resolve(false));
  }

  async #begin(engine: Socket): Promise<void> {
    for (const piece of this.#options.before) await this.#pass(engine, piece);
    // What Node was given to write has to be in the kernel before anything else is.
    await written(engine, Buffer.alloc(0));
    if (this.#isOver) return;
    const [input, output] = [descriptorOf(this.#options.caller), descriptorOf(engine)];
    if (input === undefined || output === undefined) return this.stop();
    widenForBulk(engine);
    this.#path = openSplicePath(input, output);
    this.#advance();
  }

  #advance(): void {
    try {
      for (let step = 0; step < stepsAtOnce; step += 1) if (!this.#step()) return;
      this.#path?.rest();
      setImmediate(() => this.#advance());
    } catch (error) {
      this.#settle(() => this.#done.reject(error));
    }
  }

  /** @returns false when it goes on by itself later, or not at all */
  #step(): boolean {
    const path = this.#path;
    if (this.#isOver || path === undefined) return false;
    if (!this.#give(path)) return false;
    if (this.#left === 0) return this.#end();
    const { caller, inspect } = this.#options;
    // Two readers of one socket would put its bytes out of order.
    if (isReading(caller)) throw new Error("the caller's socket is read twice");
    // The end is for us to hold back.
    const unseen = inspect === undefined ? this.#left : Math.min(this.#left - 1, inspect.skippable);
    return unseen >= minSplicedBytes ? this.#take(path, unseen) : this.#look(path);
  }

  #give(path: SplicePath): boolean {
    if (this.#engine?.destroyed !== false) return this.#stopped();
    try {
      if (path.give()) return true;
    } catch {
      // The engine has closed its side; what it said before, or that it is gone, comes on the connection itself.
      return this.#stopped();
    }
    path.whenWritable(() => this.#advance());
    return false;
  }

  #take(path: SplicePath, maxBytes: number): boolean {
    const taken = this.#received(() => path.take(maxBytes), path);
    if (taken === undefined) return false;
    this.#options.inspect?.skip(taken);
    return true;
  }

  #look(path: SplicePath): boolean {
    const length = this.#received(() => path.read(this.#buffer, this.#left), path);
    if (length === undefined) return false;
    path.rest();
    this.#passOn(this.#buffer.subarray(0, length));
    return false;
  }

  #passOn(piece: Buffer): void {
    if (this.#engine === undefined) return;
    this.#pass(this.#engine, piece).then(
      () => setImmediate(() => this.#advance()),
      (error: unknown) => this.#settle(() => this.#done.reject(error)),
    );
  }

  /** @returns undefined when there is nothing yet, or nothing more */
  #received(receive: () => number | undefined, path: SplicePath): number | undefined {
    const count = this.#orGone(receive);
    if (count === undefined) {
      path.whenReadable(() => this.#advance());
    } else if (count === 0) {
      // The caller went away in the middle: the connection's end tells everybody.
      this.#options.caller.destroy();
      this.stop();
      return undefined;
    } else {
      this.#left -= count;
      this.#options.counts.bytesIn += count;
      this.#idle?.refresh();
    }
    return count;
  }

  #orGone(receive: () => number | undefined): number | undefined {
    try {
      return receive();
    } catch {
      return 0;
    }
  }

  async #pass(engine: Socket, piece: Uint8Array): Promise<void> {
    const { inspect } = this.#options;
    await inspect?.observe(piece);
    // An archive may stop without an end marker: whole it is with the last byte that was announced.
    const isLast = inspect !== undefined && this.#left === 0;
    if (isLast || inspect?.holdsBack === true) this.#held.push(Buffer.from(piece));
    else await written(engine, piece);
  }

  #end(): false {
    this.#path?.rest();
    this.#release().then(
      () => this.#settle(() => this.#done.resolve(true)),
      (error: unknown) => this.#settle(() => this.#done.reject(error)),
    );
    return false;
  }

  async #release(): Promise<void> {
    await this.#options.inspect?.finish();
    if (this.#engine === undefined || this.#isOver) return;
    for (const piece of this.#held) this.#engine.write(piece);
  }

  #stopped(): false {
    this.stop();
    return false;
  }

  /** Once: everything is given back, and from here on Node notices when the caller goes away. */
  #settle(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#idle);
    this.#path?.close();
    const { caller } = this.#options;
    caller.on("end", () => caller.writableEnded || caller.destroy());
    caller.resume();
    startReading(caller);
    tell();
  }
}

/** Resolves when the bytes are in the kernel, or never will be: then the connection's end tells why. */
function written(engine: Socket, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (engine.destroyed) resolve();
    else engine.write(piece, () => resolve());
  });
}
