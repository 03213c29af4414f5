// The C library through koffi, loaded at the first call: programs that need no native call never pay for it.

import { createRequire } from "node:module";
import { errorText, PlimsollError } from "../errors.ts";

type Koffi = typeof import("koffi");

export type NativeFunction = (...values: readonly unknown[]) => unknown;

export type NativeLibrary = {
  /** @param declaration a C prototype, `int close(int fd)` */
  readonly declare: (declaration: string) => NativeFunction;
  /** The error number of the last call. */
  readonly errno: () => number;
};

/** Opens the C library of this process; cheap after the first time. @throws PlimsollError NEED_MISSING */
export function openLibc(platform: string = process.platform): NativeLibrary {
  if (platform !== "linux") throw needLinux(platform);
  try {
    const koffi: Koffi = createRequire(import.meta.url)("koffi");
    const libc = koffi.load(null);
    return { declare: (declaration) => libc.func(declaration), errno: () => koffi.errno() };
  } catch (cause) {
    throw new PlimsollError("NEED_MISSING", `native calls: the package koffi does not load here: ${errorText(cause)}`, {
      hint: "install the optional dependencies of koffi for this platform: npm install --include=optional",
      cause,
    });
  }
}

function needLinux(platform: string): PlimsollError {
  return new PlimsollError("NEED_MISSING", `native calls: expected linux, found ${platform}`, {
    hint: "run the gate on the Linux host of the engine",
  });
}
