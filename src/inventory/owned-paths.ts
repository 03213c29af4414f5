// Which of the files that a package manager lists matter: those that could tell of packages. Lists name every file of an image, most of them
// documents, and lists that mean harm name far more; what is kept of them is small.

import { merged } from "./merged-path.ts";
import type { Router } from "./route.ts";

/** Longest path of Linux, in characters: what is longer names no file. Looked at first, since a name made of long parts is long only once it is read. */
const maxPathLength = 4096;

/**
 * Distributions leave usr/local to others, and put programs and libraries nowhere but below usr (Red Hat's collections: opt/rh). What a list
 * claims beyond is not believed: an image's builder may have written it.
 * Source: Filesystem Hierarchy Standard 3.0, chapter 4; Debian Policy 9.1.2.
 */
const mayBeDistributions = /^(?:usr\/(?!local\/)|opt\/rh\/)/;

/** Endings of what is neither program nor library; nothing is lost but time where a program is called like that. */
const documents =
  /\.(?:gz|xz|bz2|zst|h|hh|hpp|hxx|inc|c|cc|cpp|cs|go|rs|js|mjs|ts|map|css|html?|xml|xsl|dtd|json|ya?ml|toml|conf|cfg|ini|txt|md|rst|py|pyc|pyi|pl|pm|pod|ph|rb|lua|tcl|el|elc|vim|sh|bash|fish|zsh|mo|po|gmo|png|svg|gif|jpe?g|ico|ttf|otf|pfb|afm|desktop|service|list|md5sums|a|o|la|pc|cmake|ucm|[1-9])$/i;

const elf = Buffer.from("\x7fELF\x02\x01\x01\0", "latin1");
const nothing = new Uint8Array();

/** @param router of all catalogers */
export function ownedThatTell(owned: readonly string[], router: Router): readonly string[] {
  return owned.filter((path) => {
    if (path.length > maxPathLength || !mayBeDistributions.test(merged(path))) return false;
    return router.route(path, documents.test(path) ? nothing : elf).length > 0;
  });
}

/** @param path merged */
export function mayBeOwned(path: string): boolean {
  return mayBeDistributions.test(path);
}
