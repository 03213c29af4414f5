// The first bytes of one direction of a TCP connection, in order although packets may come out of order or twice. An attacker
// decides about sequence numbers, so memory and pieces have a limit. Where pieces overlap, the first one counts.

export const maxHeadBytes = 16 * 1024;
/** Most requests and greetings are no longer. */
const firstBytes = 1024;
const maxWaiting = 16;

export class StreamHead {
  #bytes = Buffer.alloc(firstBytes);
  readonly #waiting = new Map<number, Uint8Array>();
  #first: number | undefined;
  #length = 0;

  /** The sequence number of the SYN, or of the first data when its beginning was not seen. */
  begin(sequence: number): void {
    this.#first ??= sequence >>> 0;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get isFull(): boolean {
    return this.#length >= maxHeadBytes;
  }

  /** @returns false when there was nothing new */
  add(sequence: number, payload: Uint8Array): boolean {
    this.begin(sequence);
    const before = this.#length;
    this.#place((sequence - (this.#first ?? 0)) >>> 0, payload);
    for (let progress = true; progress && this.#waiting.size > 0; ) {
      progress = false;
      for (const [at, piece] of this.#waiting) {
        if (at > this.#length) continue;
        this.#waiting.delete(at);
        this.#append(at, piece);
        progress = true;
      }
    }
    return this.#length > before;
  }

  #place(at: number, payload: Uint8Array): void {
    if (at >= maxHeadBytes) return;
    if (at <= this.#length) this.#append(at, payload);
    // The packet's memory is used again, so what has to wait is copied.
    else if (this.#waiting.size < maxWaiting && !this.#waiting.has(at)) this.#waiting.set(at, Buffer.from(payload));
  }

  #append(at: number, payload: Uint8Array): void {
    const fresh = payload.subarray(this.#length - at, maxHeadBytes - at);
    if (fresh.length === 0) return;
    this.#makeRoom(this.#length + fresh.length);
    this.#bytes.set(fresh, this.#length);
    this.#length += fresh.length;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.min(maxHeadBytes, Math.max(bytes, 2 * this.#bytes.length)));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
