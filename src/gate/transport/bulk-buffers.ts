// A few large buffers that take turns: the engine fills one while the others are on their way to the caller.

const count = 4;
const bytesEach = 256 * 1024;

export class BulkBuffers {
  readonly #free: Buffer[] = [];
  #current: Buffer;
  #lent = 0;
  #onRoom: (() => void) | undefined;

  constructor() {
    this.#current = Buffer.allocUnsafeSlow(bytesEach);
    for (let made = 1; made < count; made += 1) this.#free.push(Buffer.allocUnsafeSlow(bytesEach));
  }

  /** All but the one that is read into next are lent. */
  get isFull(): boolean {
    return this.#lent >= count - 1;
  }

  /** The buffer for the next read. */
  next(): Buffer {
    return this.#current;
  }

  owns(piece: Buffer): boolean {
    return piece.buffer === this.#current.buffer;
  }

  /** Lends the buffer that was read into last. @returns what gives it back */
  hold(): () => void {
    const lent = this.#current;
    this.#lent += 1;
    this.#current = this.#free.pop() ?? Buffer.allocUnsafeSlow(bytesEach);
    return () => {
      this.#lent -= 1;
      if (this.#free.length < count) this.#free.push(lent);
      const onRoom = this.#onRoom;
      this.#onRoom = undefined;
      onRoom?.();
    };
  }

  /** Calls once, as soon as a buffer comes back. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }
}
