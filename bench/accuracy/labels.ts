// Labelled matches of real images: "package P at version V has weakness W" is right (TP) or wrong (FP), as people found.
// Source: anchore/vulnerability-match-labels.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { textAt } from "../../src/base/reading.ts";

export type Label = {
  readonly image: string;
  readonly package: string;
  readonly version: string;
  /** All names under which the label knows the weakness. */
  readonly ids: readonly string[];
  readonly isTrue: boolean;
  readonly note: string;
};

export type Labels = {
  readonly usable: readonly Label[];
  /** Why each of the others is not. */
  readonly unusable: readonly string[];
};

/** The same label of several tools counts once. */
export function readLabels(file: string): Labels {
  const labels = new Map<string, Label>();
  const unusable: string[] = [];
  for (const line of gunzipSync(readFileSync(file)).toString("utf8").split("\n")) {
    if (line === "") continue;
    const entry: unknown = JSON.parse(line);
    const why = whyUnusable(entry);
    const label = readLabel(entry);
    const key = [label.image, label.package, label.version, label.ids.at(-1), label.isTrue].join(" ");
    if (why !== undefined) unusable.push(why);
    else if (labels.has(key)) unusable.push("said before, by another tool");
    if (why === undefined) labels.set(key, label);
  }
  return { usable: [...labels.values()], unusable };
}

function whyUnusable(entry: unknown): string | undefined {
  if (textAt(entry, "label") === "??") return "nobody could decide";
  const isNamed = textAt(entry, "package", "name") !== "" && textAt(entry, "package", "version") !== "";
  return isNamed ? undefined : "it names no package, or no version";
}

function readLabel(entry: unknown): Label {
  const ids = [textAt(entry, "vulnerability_id"), textAt(entry, "effective_cve")].filter((id) => id !== "");
  return {
    image: textAt(entry, "image", "exact"),
    package: textAt(entry, "package", "name"),
    version: textAt(entry, "package", "version"),
    ids: [...new Set(ids)],
    isTrue: textAt(entry, "label") === "TP",
    note: textAt(entry, "note"),
  };
}
