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

export class Inflater {
  readonly #options: InflateOptions;
  readonly #stream: Gunzip | ZstdDecompress;
  readonly #over: Promise<void>;
  #given = 0;
  #inflated = 0;
  #failure: unknown;
  #isOver = false;

  constructor(options: InflateOptions) {
    this.#options = options;
    const params = { [constants.ZSTD_d_windowLogMax]: maxWindowLog };
    this.#stream = options.kind === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize, params });
    this.#stream.on("data", (bytes: Buffer) => queueMicrotask(() => this.#take(bytes)));
    this.#over = new Promise((resolve) => {
      const settle = (): void => {
        this.#isOver = true;
        resolve();
      };
      this.#stream.on("end", settle);
      this.#stream.on("close", settle);
      this.#stream.on("error", (error) => {
        this.#failure ??= this.#broken(errorText(error), error);
        settle();
      });
    });
  }

  /** Bytes behind the end of the compressed data that were not looked at. */
  get trailing(): number {
    return this.#given - this.#stream.bytesWritten;
  }

  /** Resolves when the bytes may be used again. @throws PlimsollError MALFORMED_INPUT, LIMIT_EXCEEDED, and what `take` throws */
  async write(bytes: Uint8Array): Promise<void> {
    this.#given += bytes.length;
    if (!this.#isOver) {
      await Promise.race([new Promise<void>((resolve) => this.#stream.write(bytes, () => resolve())), this.#over]);
    }
    this.#throwFailure();
  }

  /** After the last byte. */
  async finish(): Promise<void> {
    if (!this.#isOver) this.#stream.end();
    await this.#over;
    await Promise.resolve(); // the microtask of the last piece
    this.#throwFailure();
    this.#stream.destroy();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      this.#count(bytes.length);
      this.#options.take(bytes);
    } catch (error) {
      this.#failure = error;
      this.#stream.destroy();
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

function tooLarge(where: string, what: string): PlimsollError {
  return new PlimsollError("LIMIT_EXCEEDED", `${where}: ${what}`, {
    hint: "do not use this archive, or raise the limit in the configuration",
  });
}
