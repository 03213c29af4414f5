// HTML as values: text is escaped unless it is markup that was made here.

import { escapeMarkup } from "../markup.ts";

/** Made by `html` or `trusted` alone, so that text from an image never gets to be one. */
export type Markup = { readonly kind: "markup"; readonly text: string };

type Part = Markup | string | number | readonly Markup[];

/** A template whose values are escaped: html`<b>${name}</b>`. Values inside quoted attributes are safe too. */
export function html(pieces: TemplateStringsArray, ...values: readonly Part[]): Markup {
  const text = pieces.reduce((before, piece, at) => before + textOf(values[at - 1] ?? "") + piece);
  return { kind: "markup", text };
}

/** Our own constants: style and script. */
export function trusted(text: string): Markup {
  return { kind: "markup", text };
}

function textOf(part: Part): string {
  if (typeof part === "string") return escapeMarkup(part);
  if (typeof part === "number") return String(part);
  return "kind" in part ? part.text : part.map(({ text }) => text).join("");
}
