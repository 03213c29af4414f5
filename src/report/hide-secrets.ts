// Lines of an image's history may hold the very secrets that a scan found: reports show such lines with the secret masked.

import { createHash } from "node:crypto";
import type { Secret } from "../model/finding.ts";
import type { ScanResult } from "../model/scan.ts";

/** Takes a line of the history and gives what a report may show of it. */
export type HideSecrets = (line: string) => string;

const inHistory = new Set(["history", "build-argument", "environment", "label"]);
const shortestSecret = 6;

/**
 * Only fingerprints of secrets are known here, so each word of a line is hashed. Where a line's secret is not a word of
 * its own, nothing of the line but its first word is shown.
 */
export function hidingSecrets(result: ScanResult): HideSecrets {
  const secrets = result.findings
    .concat(result.suppressed.map(({ finding }) => finding))
    .filter((finding): finding is Secret => finding.kind === "secret" && inHistory.has(finding.place));
  if (secrets.length === 0) return (line) => line;
  const masks = new Map(secrets.map(({ fingerprint, masked }) => [fingerprint, masked]));
  const lines = result.image.config.history.map(({ createdBy }) => createdBy);
  const found = new Set(
    lines.flatMap((line) =>
      wordsOf(line)
        .map(fingerprintOf)
        .filter((print) => masks.has(print)),
    ),
  );
  const isAllFound = secrets.every(({ fingerprint, place }) => place !== "history" || found.has(fingerprint));
  return (line) => {
    const hidden = wordsOf(line).reduce((text, word) => {
      const mask = masks.get(fingerprintOf(word));
      return mask === undefined ? text : text.replaceAll(word, mask);
    }, line);
    return isAllFound ? hidden : `${/^\S*/.exec(line)?.[0] ?? ""} (hidden: the history holds a secret)`;
  };
}

function wordsOf(line: string): readonly string[] {
  const loose = line.split(/\s+/);
  const tight = line.split(/[\s"'`=,;&|<>()[\]{}]+/);
  const inUrls = line.split(/[\s"'`=,;&|<>()[\]{}:@/?]+/);
  return [...new Set([...loose, ...tight, ...inUrls])].filter((word) => word.length >= shortestSecret);
}

function fingerprintOf(word: string): string {
  return createHash("sha256").update(word).digest("hex");
}
