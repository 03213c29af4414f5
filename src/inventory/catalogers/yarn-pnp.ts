// npm packages that Yarn runs out of its archives (Plug'n'Play): there is no node_modules, but one file that says which package lies where.
// Source: yarnpkg.com/advanced/pnp-spec, and what Yarn 2, 3 and 4 write: the data in a file of its own, or as text or object in a program.

import { malformed } from "../../base/errors.ts";
import { listAt } from "../../base/reading.ts";
import type { Cataloger, CatalogFile } from "../cataloger.ts";
import { Collection } from "../collect.ts";
import { maxJsonBytes, parseJson, withoutTrailingCommas } from "../json.ts";
import { nothing } from "../lock-files.ts";
import { makePackage } from "../make-package.ts";
import { splitNameAndVersion } from "../npm.ts";
import { readText } from "../text.ts";

export const yarnPnp: Cataloger = {
  name: "yarn-pnp",
  summary: "npm packages that are installed as Yarn's Plug'n'Play has them",
  needs: {},
  version: 1,
  reads: { baseNames: [".pnp.cjs", ".pnp.js", ".pnp.data.json"] },
  maxBytes: maxJsonBytes,
  catalog(file) {
    const text = readState(file);
    if (text === undefined) return nothing;
    const found = new Collection(file.path);
    for (const entry of listAt(parseJson(file.path, text), "packageRegistryData")) {
      const [name, places] = asPair(entry);
      for (const place of Array.isArray(places) ? places : []) {
        const known = readReference(name, asPair(place)[0]);
        if (known !== undefined)
          found.add(makePackage({ ecosystem: "npm", ...known, evidence: file.path, isInstalled: true }));
      }
    }
    return found.result();
  },
};

/** @returns the JSON; undefined when it lies in the file beside this one */
function readState({ path, content }: CatalogFile): string | undefined {
  const text = readText(content);
  if (path.endsWith(".json")) return text;
  const quoted = text.indexOf("'{\\\n");
  if (quoted >= 0) return unquote(text, quoted + 1);
  const start = text.indexOf("hydrateRuntimeState({");
  const end = text.indexOf("}, {basePath", start);
  if (start >= 0 && end > start) {
    return withoutTrailingCommas(text.slice(start + "hydrateRuntimeState(".length, end + 1));
  }
  if (text.includes('".pnp.data.json"')) return undefined;
  throw malformed(path, "expected the packages of Yarn 2 or later, found none");
}

/** A JavaScript text up to its quote: a backslash before the end of a line, a quote or a backslash falls away. */
function unquote(text: string, start: number): string {
  let end = start;
  while (end < text.length && text.charAt(end) !== "'") end += text.charAt(end) === "\\" ? 2 : 1;
  return text.slice(start, end).replace(/\\(.)/gs, "$1");
}

function asPair(value: unknown): readonly [unknown, unknown] {
  return Array.isArray(value) ? [value[0], value[1]] : [undefined, undefined];
}

/** `npm:1.2.3`, `npm:real-name@1.2.3`, and those behind `virtual:HASH#`, `patch:name@...`; what lies in the project itself is no package of a registry. */
function readReference(
  name: unknown,
  reference: unknown,
): { readonly name: string; readonly version: string } | undefined {
  if (typeof name !== "string" || typeof reference !== "string") return undefined;
  const plain = reference.replace(/^virtual:[0-9a-f]{0,200}#/, "");
  const range =
    /^npm:([^#]{1,300})$/.exec(plain)?.[1] ?? /^patch:[^#]{0,400}npm(?::|%3A)([^#@]{1,100})#/.exec(plain)?.[1];
  if (range === undefined) return undefined;
  const version = range.replace(/::.*$/s, "");
  const alias = splitNameAndVersion(version);
  return alias.version === "" ? { name, version } : alias;
}
