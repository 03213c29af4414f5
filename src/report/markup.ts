// Text from an image, safe inside XML and HTML: in content and in quoted attributes alike.

import { printable } from "../base/printable.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control and direction characters become visible escapes; line breaks stay. */
export function escapeMarkup(text: string): string {
  return text
    .split("\n")
    .map((line) => printable(line, 4000).replaceAll(/[&<>"']/g, (found) => entities[found] ?? ""))
    .join("\n");
}
