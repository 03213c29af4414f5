// One file for a person to read: no address outside itself is loaded, and the only script and style that may run are ours.

import { createHash } from "node:crypto";
import type { Format } from "../format.ts";
import { hidingSecrets } from "../hide-secrets.ts";
import { html as markup, trusted } from "../html/element.ts";
import { findingsCard } from "../html/findings.ts";
import { layersCard, packagesCard, problemsCard, suppressedCard } from "../html/lists.ts";
import { script } from "../html/script.ts";
import { style } from "../html/style.ts";
import { countsCard, firstActs, heading, verdictCard } from "../html/summary.ts";
import { nameOf } from "../subject.ts";

export const html: Format = {
  name: "html",
  summary: "one self-contained page for people, with search and layers",
  needs: {},
  extension: ".html",
  *render(result) {
    const hide = hidingSecrets(result);
    yield markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${contentPolicy()}"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer"><title>${nameOf(result)} - Plimsoll</title><style>${trusted(style)}</style></head><body>
`.text;
    yield markup`${heading(result)}<main><div class="grid">${verdictCard(result)}${countsCard(result)}</div>${firstActs(result)}`
      .text;
    for (const part of findingsCard(result, hide)) yield part.text;
    yield markup`${layersCard(result, hide)}${suppressedCard(result)}`.text;
    for (const part of packagesCard(result)) yield part.text;
    yield markup`${problemsCard(result)}</main><footer>${result.tool}, ${result.scannedAt}${
      result.advisoryData.digest === "" ? "" : `, advisory data sha256:${result.advisoryData.digest}`
    }</footer><script>${trusted(script)}</script></body></html>
`.text;
  },
};

/** Named by their hashes: whatever else got into the page would not run, load or be sent anywhere. */
function contentPolicy(): string {
  return [
    "default-src 'none'",
    `style-src '${hashSource(style)}'`,
    `script-src '${hashSource(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashSource(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
