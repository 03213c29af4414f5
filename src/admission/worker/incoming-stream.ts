// A layer's bytes that come from another thread: one stream at a time, a chunk whenever there is room for one.

import { Readable } from "node:stream";

export class IncomingStream {
  readonly #askForMore: () => void;
  #stream: Readable | undefined;

  constructor(askForMore: () => void) {
    this.#askForMore = askForMore;
  }

  open(): Readable {
    this.#stream = new Readable({ read: () => this.#askForMore(), highWaterMark: 4 * 1024 * 1024 });
    return this.#stream;
  }

  push(chunk: Uint8Array): void {
    this.#stream?.push(chunk);
  }

  finish(isBroken: boolean): void {
    if (isBroken) this.#stream?.destroy(new Error("the layer's bytes stopped coming"));
    else this.#stream?.push(null);
    this.#stream = undefined;
  }
}
