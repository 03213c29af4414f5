// A temporary file that is gone when it is closed, and when the program dies: its name is removed as soon as it is open.
// On systems without /proc the name stays until it is closed.

import { existsSync, writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";

export class Spool {
  readonly #file: FileHandle;
  readonly #folder: string;
  /** Opens the file's bytes, in any thread of this process. */
  readonly path: string;
  #size = 0;

  private constructor(file: FileHandle, folder: string, path: string) {
    this.#file = file;
    this.#folder = folder;
    this.path = path;
  }

  static async create(temporaryFolder: string): Promise<Spool> {
    const folder = await mkdtemp(join(temporaryFolder, "plimsoll-image-"));
    const path = join(folder, "spool");
    const file = await open(path, "wx+", 0o600);
    if (!existsSync(`/proc/self/fd/${file.fd}`)) return new Spool(file, folder, path);
    await rm(folder, { recursive: true });
    return new Spool(file, "", `/proc/self/fd/${file.fd}`);
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#size);
      this.#size += bytesWritten;
      at += bytesWritten;
    }
  }

  /** For bytes that are gone when the call returns. */
  writeNow(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.#file.fd, bytes, at, bytes.length - at, this.#size);
      this.#size += written;
      at += written;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    if (this.#folder !== "") await rm(this.#folder, { recursive: true, force: true });
  }
}
