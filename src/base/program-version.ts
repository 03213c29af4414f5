// The version of this program, from the package that it came in.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export function programVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8");
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? "0.0.0";
}
