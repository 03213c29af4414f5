// What a go.mod file asks for.
// Source: go.dev/ref/mod, "go.mod files".

import type { Cataloger } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { isInsideInstalledPackage, nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { linesOf, readText } from "../text.ts";

export const goMod: Cataloger = {
  name: "go-mod",
  summary: "Go modules that go.mod asks for",
  needs: {},
  version: 1,
  reads: { baseNames: ["go.mod"] },
  maxBytes: 16 * 1024 * 1024,
  catalog(file) {
    if (isInsideInstalledPackage(file.path) || isOfToolchain.test(file.path)) return nothing;
    const { required, replaced } = readDirectives(readText(file.content));
    const found = new Collection(file.path);
    for (const [path, asked] of required) {
      const { name, version } = replaced.get(`${path} ${asked}`) ??
        replaced.get(path) ?? { name: path, version: asked };
      found.add(makePackage({ ecosystem: "go", name, version, evidence: file.path, isInstalled: false }));
    }
    return found.result();
  },
};

/** `usr/local/go/src/go.mod`, `usr/lib/go-1.19/src/cmd/go.mod`: sources and tests of Go itself. */
const isOfToolchain = /(?:^|\/)go(?:-\d[\d.]*)?\/(?:src|misc|test)\/(?:[^/]+\/)*go\.mod$/;

type Module = { readonly name: string; readonly version: string };
type Directives = {
  readonly required: Map<string, string>;
  /** By path, or by path and version. What a folder replaces is not in here. */
  readonly replaced: Map<string, Module>;
};

function readDirectives(text: string): Directives {
  const directives: Directives = { required: new Map(), replaced: new Map() };
  let block = "";
  for (const line of linesOf(text, 100_000)) {
    const words = line
      .replace(/\/\/.*$/, "")
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^"(.*)"$/, "$1"));
    const [first = "", second = ""] = words;
    if (first === ")") block = "";
    else if (second === "(") block = first;
    else if (block === "") readDirective(directives, first, words.slice(1));
    else readDirective(directives, block, words);
  }
  return directives;
}

function readDirective({ required, replaced }: Directives, verb: string, words: readonly string[]): void {
  const [path = "", version = ""] = words;
  if (verb === "require" && version.startsWith("v")) required.set(path, version);
  if (verb !== "replace") return;
  const arrow = words.indexOf("=>");
  const [name = "", newVersion = ""] = words.slice(arrow + 1);
  if (arrow > 0 && newVersion !== "") replaced.set(words.slice(0, arrow).join(" "), { name, version: newVersion });
}
