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

/** Without those that nobody could decide (`??`), and those without a package. The same label of several tools counts once. */
export function readLabels(file: string): readonly Label[] {
  const labels = new Map<string, Label>();
  for (const line of gunzipSync(readFileSync(file)).toString("utf8").split("\n")) {
    if (line === "") continue;
    const entry: unknown = JSON.parse(line);
    const [name, version] = [textAt(entry, "package", "name"), textAt(entry, "package", "version")];
    const verdict = textAt(entry, "label");
    if (name === "" || version === "" || verdict === "??") continue;
    const ids = [textAt(entry, "vulnerability_id"), textAt(entry, "effective_cve")].filter((id) => id !== "");
    const image = textAt(entry, "image", "exact");
    const label = {
      image,
      package: name,
      version,
      ids: [...new Set(ids)],
      isTrue: verdict === "TP",
      note: textAt(entry, "note"),
    };
    labels.set([image, name, version, textAt(entry, "effective_cve") || ids[0], verdict].join(" "), label);
  }
  return [...labels.values()];
}
