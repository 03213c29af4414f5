// A file on disk that has no name: its space is free again when it is closed, however the program ends. Where a file cannot be opened by
// its descriptor (no /proc) it keeps a name until it is closed, in a folder that says whose it is; the next one takes away what
// a program that was killed has left. Source: open(2), O_TMPFILE; proc_pid_fd(5).

import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  write,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorText, PlimsollError } from "./errors.ts";

/** The value on all architectures that Node runs on. */
const temporary = 0o20_000_000 | constants.O_DIRECTORY;
const prefix = "plimsoll-spool-";
const writeAt = promisify(write);

export class UnnamedFile {
  readonly descriptor: number;
  /** Opens the file's bytes, in any thread of this process. */
  readonly path: string;
  /** "" for what has no name. */
  readonly #folder: string;
  #size = 0;

  private constructor(descriptor: number, path: string, folder: string) {
    this.descriptor = descriptor;
    this.path = path;
    this.#folder = folder;
  }

  /**
   * @param parent a folder on the disk that has room for it
   * @param byDescriptor where the system shows open files by their number
   * @throws PlimsollError PERMISSION_NEEDED
   */
  static open(parent: string, byDescriptor: string = "/proc/self/fd"): UnnamedFile {
    try {
      return UnnamedFile.#open(parent, byDescriptor);
    } catch (cause) {
      throw noRoom(parent, cause);
    }
  }

  static #open(parent: string, byDescriptor: string): UnnamedFile {
    if (existsSync(byDescriptor)) {
      const unnamed = openWithoutName(parent);
      if (unnamed !== undefined) return new UnnamedFile(unnamed, join(byDescriptor, `${unnamed}`), "");
    }
    removeAbandoned(parent);
    const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
    const path = join(folder, "spool");
    const descriptor = openSync(path, "wx+", 0o600);
    if (!existsSync(byDescriptor)) return new UnnamedFile(descriptor, path, folder);
    rmSync(folder, { recursive: true });
    return new UnnamedFile(descriptor, join(byDescriptor, `${descriptor}`), "");
  }

  get size(): number {
    return this.#size;
  }

  /** Puts bytes behind those that are there. @throws PlimsollError PERMISSION_NEEDED when the disk is full */
  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const writing = writeAt(this.descriptor, bytes, at, bytes.length - at, this.#size);
      const { bytesWritten } = await writing.catch((cause: unknown) => {
        throw noRoom("temporary file", cause);
      });
      this.#size += bytesWritten;
      at += bytesWritten;
    }
  }

  /** For bytes that are gone when the call returns. */
  appendNow(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) {
        const written = writeSync(this.descriptor, bytes, at, bytes.length - at, this.#size);
        this.#size += written;
        at += written;
      }
    } catch (cause) {
      throw noRoom("temporary file", cause);
    }
  }

  close(): void {
    closeSync(this.descriptor);
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true });
  }
}

function noRoom(where: string, cause: unknown): PlimsollError {
  return new PlimsollError("PERMISSION_NEEDED", `${where}: ${errorText(cause)}`, {
    hint: "name a folder with room for the image in the environment variable TMPDIR",
    cause,
  });
}

/** @returns undefined where the file system cannot */
function openWithoutName(parent: string): number | undefined {
  try {
    return openSync(parent, temporary | constants.O_RDWR, 0o600);
  } catch {
    return undefined; // a folder that is not there or not writable fails again, with its name
  }
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = name.startsWith(prefix) ? /^(\d{1,10})-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (owner !== undefined && !isRunning(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** A number that another program has by now keeps the folder for longer, which does no harm. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && "code" in thrown && thrown.code === "ESRCH");
  }
}
