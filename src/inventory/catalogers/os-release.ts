// Which distribution an image is made of.
// Source: os-release(5) of systemd 252: shell-like assignments, etc/os-release before usr/lib/os-release.

import type { Distribution } from "../../model/package.ts";
import type { Cataloger } from "../cataloger.ts";
import { linesOf, readText } from "../text.ts";

export const osRelease: Cataloger = {
  name: "os-release",
  summary: "the distribution, from os-release",
  needs: {},
  version: 1,
  // Fedora keeps one a variant, and a link to it.
  reads: { paths: ["etc/os-release", "usr/lib/os-release"], directories: ["usr/lib/os.release.d"] },
  maxBytes: 64 * 1024,
  catalog({ content }) {
    const distribution = readDistribution(readText(content));
    return distribution === undefined ? { packages: [], owned: [] } : { packages: [], owned: [], distribution };
  },
};

function readDistribution(text: string): Distribution | undefined {
  const fields = new Map<string, string>();
  for (const line of linesOf(text, 10_000)) {
    const equals = line.indexOf("=");
    if (equals > 0 && !line.trimStart().startsWith("#"))
      fields.set(line.slice(0, equals).trim(), unquote(line.slice(equals + 1).trim()));
  }
  const id = fields.get("ID") ?? "";
  if (id === "") return undefined;
  return {
    id: id.toLowerCase(),
    version: fields.get("VERSION_ID") ?? "",
    codename: fields.get("VERSION_CODENAME") ?? "",
    prettyName: fields.get("PRETTY_NAME") ?? fields.get("NAME") ?? id,
  };
}

/** `"Debian"`, `'Debian'`, `Debian`; a backslash before `"`, `$`, `` ` `` or `\` in double quotes is taken away. */
function unquote(value: string): string {
  const quote = value.charAt(0);
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === "'" ? inner : inner.replace(/\\(["$`\\])/g, "$1");
}
