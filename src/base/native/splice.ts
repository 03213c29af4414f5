// Bytes from one socket to another inside the kernel: they are never copied into this process.
// Source: splice(2), pipe(7), fcntl(2) F_SETPIPE_SZ, recv(2); include/uapi/asm-generic/errno-base.h.

import { lazily } from "../lazily.ts";
import { openSharedLibrary } from "./shared-library.ts";

export interface SplicePath {
  /** @returns bytes that wait for `give` now; 0: the input has ended; undefined: nothing is there yet. @throws Error of the input */
  take(maxBytes: number): number | undefined;
  /** @returns whether everything that was taken has been handed on; false: there is no room yet. @throws Error of the output */
  give(): boolean;
  /** Reads into memory instead; nothing may wait for `give`. @returns as `take` */
  read(into: Buffer, maxBytes: number): number | undefined;
  /** Calls back again and again, until `rest` or another call of this kind. */
  whenReadable(then: () => void): void;
  whenWritable(then: () => void): void;
  rest(): void;
  /** The descriptors that it was opened with stay open. */
  close(): void;
}

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const F_DUPFD_CLOEXEC = 1030;
const F_SETPIPE_SZ = 1031;
const SPLICE_F_MOVE_NONBLOCK = 3;
const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const EAGAIN = 11;
/** What an unprivileged process may ask for (fs.pipe-max-size); with less it works as well. */
const pipeBytes = 1024 * 1024;

const library = lazily(() => {
  const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
  return {
    splice: libc.declare("long splice(int from, void *at, int to, void *toAt, size_t bytes, unsigned int flags)"),
    recv: libc.declare("long recv(int fd, _Out_ void *into, size_t bytes, int flags)"),
    pipe: libc.declare("int pipe2(_Out_ int *fds, int flags)"),
    fcntl: libc.declare("int fcntl(int fd, int command, int value)"),
    close: libc.declare("int close(int fd)"),
    errno: libc.errno,
    whenReadable: libc.whenReadable,
    whenWritable: libc.whenWritable,
  };
});

/** Whether this process can make native calls, as `openSplicePath` needs them. */
export function maySplice(): boolean {
  try {
    library();
    return process.platform === "linux";
  } catch {
    return false; // then bytes are copied
  }
}

/**
 * @param input, output connected sockets that do not block; nobody else may read or write them meanwhile
 * @throws PlimsollError NEED_MISSING without native calls; Error without free descriptors
 */
export function openSplicePath(input: number, output: number): SplicePath {
  const calls = library();
  const opened: number[] = [];
  try {
    // Copies of the descriptors, because an event loop watches a descriptor for one purpose only.
    for (const fd of [input, output]) opened.push(checked(calls.fcntl(fd, F_DUPFD_CLOEXEC, 0)));
    const pipe = [-1, -1];
    checked(calls.pipe(pipe, O_CLOEXEC | O_NONBLOCK));
    opened.push(...pipe);
    calls.fcntl(pipe[1], F_SETPIPE_SZ, pipeBytes);
    return new OpenPath(opened);
  } catch (error) {
    for (const fd of opened) calls.close(fd);
    throw error;
  }
}

class OpenPath implements SplicePath {
  readonly #calls = library();
  readonly #fds: number[];
  readonly #input: number;
  readonly #output: number;
  readonly #pipeEnd: number;
  readonly #pipeStart: number;
  #waiting = 0;
  #watched: { readonly side: "input" | "output"; tell: () => void; readonly close: () => void } | undefined;

  constructor(fds: number[]) {
    this.#fds = fds;
    [this.#input = -1, this.#output = -1, this.#pipeEnd = -1, this.#pipeStart = -1] = fds;
  }

  take(maxBytes: number): number | undefined {
    const wanted = Math.min(maxBytes, pipeBytes);
    const { splice } = this.#calls;
    const taken = this.#counted(splice(this.#input, null, this.#pipeStart, null, wanted, SPLICE_F_MOVE_NONBLOCK));
    this.#waiting += taken ?? 0;
    return taken;
  }

  give(): boolean {
    const { splice } = this.#calls;
    while (this.#waiting > 0) {
      const given = splice(this.#pipeEnd, null, this.#output, null, this.#waiting, SPLICE_F_MOVE_NONBLOCK);
      const count = this.#counted(given);
      if (count === undefined) return false;
      this.#waiting -= count;
    }
    return true;
  }

  read(into: Buffer, maxBytes: number): number | undefined {
    return this.#counted(this.#calls.recv(this.#input, into, Math.min(into.length, maxBytes), MSG_DONTWAIT));
  }

  whenReadable(then: () => void): void {
    this.#watch("input", then);
  }

  whenWritable(then: () => void): void {
    this.#watch("output", then);
  }

  rest(): void {
    this.#watched?.close();
    this.#watched = undefined;
  }

  close(): void {
    this.rest();
    for (const fd of this.#fds.splice(0)) this.#calls.close(fd);
  }

  /** A watch goes on from call to call: starting one costs more than what it reports. */
  #watch(side: "input" | "output", then: () => void): void {
    if (this.#watched?.side === side) {
      this.#watched.tell = then;
      return;
    }
    this.rest();
    const fd = side === "input" ? this.#input : this.#output;
    const start = side === "input" ? this.#calls.whenReadable : this.#calls.whenWritable;
    const watch = start(fd, () => this.#watched?.tell());
    this.#watched = { side, tell: then, close: () => watch.close() };
  }

  #counted(result: unknown): number | undefined {
    const count = Number(result);
    if (count >= 0) return count;
    const errno = this.#calls.errno();
    if (errno === EAGAIN || errno === EINTR) return undefined;
    throw new Error(`error ${errno}`);
  }
}

function checked(result: unknown): number {
  const value = Number(result);
  if (value < 0) throw new Error(`error ${library().errno()}`);
  return value;
}
