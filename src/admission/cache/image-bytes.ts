// An image that was read, and what is known of its packages, as lines of JSON: lists in parts.

import { malformed, never } from "../../base/errors.ts";
import type { Finding, Vulnerability } from "../../model/finding.ts";
import type { FileProblem, Inventory, LocatedPackage } from "../../model/package.ts";
import { type Matches, packagesDigest } from "../match-inventory.ts";
import type { ImageContents, KnownImage } from "../merge/image-contents.ts";
import { gatherLines, listLines, readLines } from "./json-lines.ts";

type Head = Pick<KnownImage, "description"> &
  Pick<ImageContents, "layers"> &
  Pick<Inventory, "problems" | "distribution"> & { readonly packagesDigest: string };

type ImageLine =
  | readonly ["image", Head]
  | readonly ["packages", readonly LocatedPackage[]]
  | readonly ["findings", readonly Finding[]];

export function packImage({ description, contents }: KnownImage): Iterable<Uint8Array> {
  const { layers, inventory, findings } = contents;
  const { packages, ...rest } = inventory;
  return gatherLines(
    (function* () {
      yield JSON.stringify(["image", { description, layers, ...rest, packagesDigest: packagesDigest(packages) }]);
      yield* listLines("packages", packages);
      yield* listLines("findings", findings);
    })(),
  );
}

/** @throws PlimsollError MALFORMED_INPUT */
export function unpackImage(pieces: Iterable<Buffer>): KnownImage {
  let head: Head | undefined;
  const [packages, findings]: [LocatedPackage[], Finding[]] = [[], []];
  for (const line of readLines<ImageLine>(pieces)) {
    if (line[0] === "image") head = line[1];
    else if (line[0] === "packages") packages.push(...line[1]);
    else if (line[0] === "findings") findings.push(...line[1]);
    else never(line);
  }
  if (head === undefined) throw malformed("kept image", "no description");
  const { description, layers, distribution, problems, packagesDigest: digest } = head;
  const inventory = { distribution, packages, problems };
  return { description, contents: { layers, inventory, packagesDigest: digest, findings } };
}

type MatchLine = readonly ["vulnerabilities", readonly Vulnerability[]] | readonly ["problems", readonly FileProblem[]];

export function packMatches({ vulnerabilities, problems }: Matches): Iterable<Uint8Array> {
  return gatherLines(
    (function* () {
      yield* listLines("problems", problems);
      yield* listLines("vulnerabilities", vulnerabilities);
    })(),
  );
}

export function unpackMatches(pieces: Iterable<Buffer>): Matches {
  const [vulnerabilities, problems]: [Vulnerability[], FileProblem[]] = [[], []];
  for (const line of readLines<MatchLine>(pieces)) {
    if (line[0] === "problems") problems.push(...line[1]);
    else vulnerabilities.push(...line[1]);
  }
  return { vulnerabilities, problems };
}
