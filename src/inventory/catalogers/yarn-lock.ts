// What Yarn's lock files ask for: version 1, and the YAML of later versions, which is laid out the same way line by line.
// Source: yarn v1, src/lockfile/stringify.js; yarn berry, @yarnpkg/parsers (syml).

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { npmRequested, splitNameAndVersion } from "../npm.ts";
import { fileLines } from "../text.ts";

export const yarnLock: Cataloger = {
  name: "yarn-lock",
  summary: "npm packages that yarn.lock asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["yarn.lock"] },
  maxBytes: 48 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path)) return nothing;
    const found = new Collection(file.path);
    for (const block of readBlocks(file.content)) {
      const { name, version } = resolve(block);
      if (version !== "" && name !== "__metadata") found.add(npmRequested({ name, version, evidence: file.path }));
    }
    return found.result();
  },
};

/** `"a@^1", "a@^2":` and the two fields of interest below it. */
type Block = { readonly key: string; version: string; resolution: string };

function* readBlocks(content: Uint8Array): Generator<Block> {
  let block: Block | undefined;
  for (const line of fileLines(content)) {
    if (line === "" || line.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      if (block !== undefined) yield block;
      block = { key: line.replace(/:$/, ""), version: "", resolution: "" };
    } else if (block !== undefined && line.startsWith("  ") && line.charAt(2) !== " ") {
      const [, field, value] = /^ {2}(version|resolution):? "?([^"]*)"?$/.exec(line) ?? [];
      if (field === "version") block.version = value ?? "";
      if (field === "resolution") block.resolution = value ?? "";
    }
  }
  if (block !== undefined) yield block;
}

/** Yarn 1: the name stands in the key. Later: in the resolution, with its protocol; a workspace is the project itself. */
function resolve({ key, version, resolution }: Block): { readonly name: string; readonly version: string } {
  if (resolution !== "") {
    const { name, version: from } = splitNameAndVersion(resolution);
    return { name, version: from.startsWith("workspace:") || from.startsWith("link:") ? "" : version };
  }
  const first = /^"?([^",]+)/.exec(key)?.[1] ?? "";
  const { name, version: range } = splitNameAndVersion(first);
  const alias = range.startsWith("npm:") ? splitNameAndVersion(range.slice(4)) : { name: "", version: "" };
  return { name: alias.version === "" ? name : alias.name, version };
}
