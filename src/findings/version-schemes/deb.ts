// Debian's order of versions: epoch, upstream version, revision; `~` sorts before everything, even the end.
// Source: Debian Policy 5.6.12; deb-version(7).

import { malformed } from "../../base/errors.ts";
import { type Bounds, compareNatural, pieceOf } from "../natural-order.ts";
import type { VersionScheme } from "../version-scheme.ts";

export const deb: VersionScheme = {
  name: "deb",
  summary: "Debian, Ubuntu and their derivatives",
  needs: {},
  ecosystems: ["deb"],
  compare(left, right) {
    const [a, b] = [split(left), split(right)];
    return (
      a.epoch - b.epoch ||
      compareNatural(pieceOf(left, a.upstream), pieceOf(right, b.upstream)) ||
      compareNatural(pieceOf(left, a.revision), pieceOf(right, b.revision))
    );
  },
};

type DebVersion = { readonly epoch: number; readonly upstream: Bounds; readonly revision: Bounds };

function split(version: string): DebVersion {
  if (!/^(?:\d{1,9}:)?[^\s:]\S*$/.test(version))
    throw malformed("version", `no Debian version: ${version.slice(0, 80)}`);
  const colon = version.indexOf(":");
  const start = colon === -1 ? 0 : colon + 1;
  const hyphen = version.lastIndexOf("-");
  const end = hyphen < start ? version.length : hyphen;
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)),
    upstream: { from: start, to: end },
    revision: { from: Math.min(end + 1, version.length), to: version.length },
  };
}
