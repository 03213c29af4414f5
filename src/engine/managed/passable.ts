// With user namespaces root in a container is nobody on the host, and has to pass through every folder above its files.

import { statSync } from "node:fs";
import { dirname } from "node:path";
import { PlimsollError } from "../../base/errors.ts";

/** @throws PlimsollError NEED_MISSING for the first folder that not everybody may pass through */
export function checkPassable(folder: string): void {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) {
      throw new PlimsollError("NEED_MISSING", `${path}: containers in user namespaces cannot pass through it`, {
        hint: `chmod o+x ${path}, choose another state folder, or leave userNamespaces out`,
      });
    }
    if (dirname(path) === path) return;
  }
}
