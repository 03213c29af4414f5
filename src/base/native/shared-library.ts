// A system library through koffi, loaded when it is first needed. libc.ts is for the C library alone; this opens any other.

import { createRequire } from "node:module";
import { errorText, PlimsollError } from "../errors.ts";

type Koffi = typeof import("koffi");

export type SharedLibrary = {
  /** @param declaration a C prototype, `int close(int fd)` */
  readonly declare: (declaration: string) => (...values: readonly unknown[]) => unknown;
  /** The error number of the last call. */
  readonly errno: () => number;
  /** The memory that mmap gave, shared, not copied. The caller sees to it that it stays mapped. @throws PlimsollError LIMIT_EXCEEDED */
  readonly view: (pointer: unknown, bytes: number) => ArrayBuffer;
  /** Where a buffer of a page or more lies: such memory does not move. The caller sees to it that the buffer lives. */
  readonly address: (buffer: Uint8Array) => bigint;
  /** Calls back whenever the file has something to read, as long as it is not closed. */
  readonly whenReadable: (fd: number, then: () => void) => { close(): void };
  /** The same for a file that has room to write. */
  readonly whenWritable: (fd: number, then: () => void) => { close(): void };
};

/** @param file as the dynamic linker finds it, `libbpf.so.1`; null is the C library @throws PlimsollError NEED_MISSING */
export function openSharedLibrary(file: string | null, hint: string): SharedLibrary {
  try {
    const koffi: Koffi = createRequire(import.meta.url)("koffi");
    const library = koffi.load(file);
    return {
      declare: (declaration) => library.func(declaration),
      errno: () => koffi.errno(),
      view(pointer, bytes) {
        if (koffi.address(pointer) !== mapFailed) return koffi.view(pointer, bytes);
        throw new PlimsollError("LIMIT_EXCEEDED", `memory could not be mapped: error ${koffi.errno()}`, {
          hint: "free memory, or raise the limit of mapped memory",
        });
      },
      address: (buffer) => koffi.address(buffer),
      whenReadable: (fd, then) => koffi.node.poll(fd, { readable: true }, () => shielded(then)),
      whenWritable: (fd, then) => koffi.node.poll(fd, { writable: true }, () => shielded(then)),
    };
  } catch (cause) {
    throw new PlimsollError("NEED_MISSING", `${file ?? "native calls"}: ${errorText(cause)}`, { hint, cause });
  }
}

/** MAP_FAILED of mmap(2). */
const mapFailed = 2n ** 64n - 1n;

/** What is thrown into native code stays there until some later call falls over it: it is thrown again where it belongs. */
function shielded(then: () => void): void {
  try {
    then();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}
