// The whole file or the old one, also after a power cut.

import { renameSync, writeFileSync } from "node:fs";

export function replaceFile(file: string, content: string | Uint8Array, mode: number): void {
  writeFileSync(`${file}.new`, content, { mode, flush: true });
  renameSync(`${file}.new`, file);
}
