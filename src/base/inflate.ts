// Inflating gzip and zstd piece by piece. What comes out is looked at while the thread pool already inflates what follows:
// the reader of the output runs in a microtask, after zlib has been given its next piece of work.
// Source: RFC 1952 (members may follow one another); RFC 8878 (frames may, and some are to be skipped).

import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import { errorText, PlimsollError } from "./errors.ts";

export type InflateOptions = {
  readonly kind: "gzip" | "zstd";
  /** Bytes that come out. */
  readonly maxBytes: number;
  /** Bytes out for one byte in, after the first 64 MiB. */
  readonly maxRatio: number;
  /** For messages. */
  readonly where: string;
  /** Valid only during the call. */
  readonly take: (bytes: Buffer) => void;
};

/** Large pieces: the default of 16 KiB costs half the speed. */
const chunkSize = 512 * 1024;
/** What zstd itself allows without being asked for more: 128 MiB. */
const maxWindowLog = 27;
const freeBytes = 64 * 1024 * 1024;
/** A stream of zlib's for each; writers make one for a file at most. */
const maxFrames = 200_000;

export class Inflater {
  readonly #options: InflateOptions;
  #frame: Frame;
  #frames = 1;
  #given = 0;
  #inflated = 0;
  #failure: unknown;
  #queued: Promise<void> = Promise.resolve();
  /** Bytes behind the end of the compressed data that were not looked at. */
  trailing = 0;

  constructor(options: InflateOptions) {
    this.#options = options;
    this.#frame = this.#open();
  }

  /**
   * Resolves when the bytes of the call before may be used again: zlib has its next work at hand when it is done with one.
   * @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, and what `take` throws
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#given += bytes.length;
    if (this.#options.kind === "zstd") return await this.#writeFrames(bytes);
    const before = this.#queued;
    // zlib goes on to the next gzip member by itself, and stops only at zeros, which are padding.
    this.#queued = this.#frame.write(bytes).then((taken) => {
      this.trailing += bytes.length - taken;
    });
    await before;
    this.#throwFailure();
  }

  async #writeFrames(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const taken = await this.#frame.write(rest);
      this.#throwFailure();
      if (taken === rest.length) return;
      if (taken === 0) throw this.#broken("bytes behind its end", undefined);
      rest = rest.subarray(taken);
      this.#nextFrame();
    }
  }

  /** After the last byte. */
  async finish(): Promise<void> {
    await this.#queued;
    await this.#frame.finish();
    this.#throwFailure();
    this.#frame.destroy();
  }

  destroy(): void {
    this.#frame.destroy();
  }

  #open(): Frame {
    return new Frame(
      this.#options.kind,
      (bytes) => this.#take(bytes),
      (error) => {
        this.#failure ??= this.#broken(errorText(error), error);
      },
    );
  }

  #nextFrame(): void {
    this.#frames += 1;
    if (this.#frames > maxFrames) throw tooLarge(this.#options.where, `more than ${maxFrames} zstd frames`);
    this.#frame.destroy();
    this.#frame = this.#open();
  }

  #take(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      this.#count(bytes.length);
      this.#options.take(bytes);
    } catch (error) {
      this.#failure = error;
      this.#frame.destroy();
    }
  }

  #count(length: number): void {
    const { maxBytes, maxRatio, where } = this.#options;
    this.#inflated += length;
    if (this.#inflated > maxBytes) throw tooLarge(where, `it inflates to more than ${maxBytes} bytes`);
    if (this.#inflated > freeBytes && this.#inflated > maxRatio * this.#given) {
      throw tooLarge(where, `it inflates to more than ${maxRatio} times its size`);
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #broken(what: string, cause: unknown): PlimsollError {
    const { kind, where } = this.#options;
    const message = `${where}: not valid ${kind}: ${what}`;
    return new PlimsollError("MALFORMED_INPUT", message, { hint: "compress it again", cause });
  }
}

/** One stream of zlib's: all members of a gzip file, or one frame of zstd (Node's stops behind each). */
class Frame {
  readonly #stream: Gunzip | ZstdDecompress;
  readonly #over: Promise<void>;
  #given = 0;
  #isOver = false;

  constructor(kind: "gzip" | "zstd", take: (bytes: Buffer) => void, fail: (error: unknown) => void) {
    const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };
    this.#stream = kind === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize, params });
    this.#stream.on("data", (bytes: Buffer) =>
      queueMicrotask(() => {
        take(bytes);
        giveBack(bytes);
      }),
    );
    this.#over = new Promise((resolve) => {
      const settle = (): void => {
        this.#isOver = true;
        resolve();
      };
      this.#stream.on("end", settle);
      this.#stream.on("close", settle);
      this.#stream.on("error", (error) => {
        fail(error);
        settle();
      });
    });
  }

  /** @returns how many of the bytes were taken: less than all when it ended before them */
  async write(bytes: Uint8Array): Promise<number> {
    if (this.#isOver) return 0;
    const before = this.#given;
    this.#given += bytes.length;
    await Promise.race([new Promise<void>((resolve) => this.#stream.write(bytes, () => resolve())), this.#over]);
    return this.#isOver ? Math.max(0, this.#stream.bytesWritten - before) : bytes.length;
  }

  async finish(): Promise<void> {
    if (!this.#isOver) this.#stream.end();
    await this.#over;
    await Promise.resolve(); // the microtask of the last piece
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/**
 * zlib takes new memory for each piece, and the collector would have to look for what nobody uses: a third of all work.
 * A piece that fills its memory to the end is the last one in it.
 */
function giveBack({ buffer, byteOffset, byteLength }: Buffer): void {
  const isLast = byteOffset + byteLength === chunkSize && buffer.byteLength === chunkSize;
  if (isLast && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function tooLarge(where: string, what: string): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `${where}: ${what}`, {
    hint: "do not use this archive, or raise the limit in the configuration",
  });
}
