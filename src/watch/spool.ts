// What could not be delivered yet, on disk: survives a restart, in order, within limits. One file an entry.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type SpoolEntry = { readonly name: string; readonly body: string };

export interface Spool {
  /** @returns false when there is no room, on the disk or by the limits */
  add(name: string, body: string): boolean;
  /** @returns undefined when nothing waits */
  first(): SpoolEntry | undefined;
  remove(name: string): void;
  size(): number;
}

/** @param name of an entry: sorts by time, and has letters and digits only */
export function openSpool(folder: string, limits: { readonly entries: number; readonly bytes: number }): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = readdirSync(folder)
    .filter((name) => /^[0-9A-Z]+\.json$/.test(name))
    .sort();
  let bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return {
    add(name, body) {
      const length = Buffer.byteLength(body);
      if (names.length >= limits.entries || bytes + length > limits.bytes) return false;
      try {
        // A half-written entry never has its final name.
        writeFileSync(join(folder, `${name}.part`), body, { mode: 0o600 });
        renameSync(join(folder, `${name}.part`), join(folder, `${name}.json`));
      } catch {
        rmSync(join(folder, `${name}.part`), { force: true });
        return false; // a full disk
      }
      names.push(`${name}.json`);
      bytes += length;
      return true;
    },
    first() {
      for (let [name] = names; name !== undefined; [name] = names) {
        try {
          return { name, body: readFileSync(join(folder, name), "utf8") };
        } catch {
          names.shift(); // somebody took it away
        }
      }
      return undefined;
    },
    remove(name) {
      const at = names.indexOf(name);
      if (at < 0) return;
      names.splice(at, 1);
      bytes = Math.max(0, bytes - (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0));
      rmSync(join(folder, name), { force: true });
    },
    size: () => names.length,
  };
}
