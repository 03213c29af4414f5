// What several readers of npm's world share.

import { textAt } from "../base/reading.ts";
import type { Package } from "../model/package.ts";
import { makePackage } from "./make-package.ts";

type Known = { readonly name: string; readonly version: string; readonly evidence: string; readonly license?: string };

/** A package that a lock file asks for. */
export function npmRequested(known: Known): Package {
  return makePackage({ ecosystem: "npm", ...known, isInstalled: false });
}

/** `"MIT"`, or (old) `{ "type": "MIT" }`, or (older) a list of those. */
export function npmLicense(manifest: unknown): string {
  const [first] = [
    textAt(manifest, "license"),
    textAt(manifest, "license", "type"),
    textAt(manifest, "licenses"),
  ].filter((text) => text !== "");
  return first ?? "";
}

/** `@scope/name@1.2.3` -> name and what follows the last `@` that is not the scope's. */
export function splitNameAndVersion(text: string): { readonly name: string; readonly version: string } {
  const at = text.indexOf("@", 1);
  return at === -1 ? { name: text, version: "" } : { name: text.slice(0, at), version: text.slice(at + 1) };
}
