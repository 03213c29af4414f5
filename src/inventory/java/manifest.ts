// The main attributes of a jar's manifest.
// Source: JAR File Specification (Java 21), "Name-Value pairs and Sections": lines of at most 72 bytes, continued by a space.

import { linesOf, readText } from "../text.ts";

/** Names in lower case: they are compared without regard to case. */
export type Manifest = ReadonlyMap<string, string>;

const maxValue = 4096;

export function readManifest(content: Uint8Array): Manifest {
  const attributes = new Map<string, string>();
  let name = "";
  for (const line of linesOf(readText(content))) {
    if (line === "") break;
    const known = attributes.get(name);
    if (line.startsWith(" ") && known !== undefined) {
      if (known.length < maxValue) attributes.set(name, known + line.slice(1));
      continue;
    }
    const colon = line.indexOf(": ");
    name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (colon > 0) attributes.set(name, line.slice(colon + 2).trim());
  }
  return attributes;
}
