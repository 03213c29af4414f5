// Licences as documents want them: an SPDX expression where the words are one, else the words as they are.
// Source: spdx.org/licenses (the ids that packages of distributions and registries mostly carry); SPDX 2.3, annex D.

export type License = { readonly kind: "expression" | "words"; readonly text: string };

const known: ReadonlySet<string> = new Set(
  [
    "0BSD AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0-Perl Artistic-2.0 BlueOak-1.0.0",
    "BSD-1-Clause BSD-2-Clause BSD-3-Clause BSD-4-Clause BSL-1.0 bzip2-1.0.6 CC0-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CDDL-1.0",
    "CDDL-1.1 curl ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.2 FTL GFDL-1.3-or-later GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later",
    "GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later",
    "LGPL-3.0-only LGPL-3.0-or-later Libpng libtiff MIT MIT-0 MPL-1.1 MPL-2.0 NCSA OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01",
    "PostgreSQL PSF-2.0 Python-2.0 Ruby SISSL SSH-OpenSSH TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C WTFPL",
    "X11 Zlib ZPL-2.1",
  ].flatMap((line) => line.split(" ")),
);
const exceptions: ReadonlySet<string> = new Set(
  "Autoconf-exception-3.0 Bison-exception-2.2 Classpath-exception-2.0 GCC-exception-3.1 LLVM-exception OpenSSL-exception".split(
    " ",
  ),
);
const longestExpression = 1000;

/** @returns undefined when nothing is known */
export function readLicense(text: string): License | undefined {
  const words = text.trim();
  if (words === "") return undefined;
  return { kind: isExpression(words) ? "expression" : "words", text: words };
}

/** Ids joined by AND, OR and WITH, in balanced parentheses. */
function isExpression(text: string): boolean {
  if (text.length > longestExpression) return false;
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let depth = 0;
  let expects: "id" | "operator" | "exception" = "id";
  for (const token of tokens) {
    if (token === "(" && expects === "id") depth += 1;
    else if (token === ")" && expects === "operator" && depth > 0) depth -= 1;
    else if (expects === "id" && known.has(token)) expects = "operator";
    else if (expects === "exception" && exceptions.has(token)) expects = "operator";
    else if (expects === "operator" && (token === "AND" || token === "OR")) expects = "id";
    else if (expects === "operator" && token === "WITH") expects = "exception";
    else return false;
  }
  return depth === 0 && expects === "operator";
}
