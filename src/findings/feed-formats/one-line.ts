// Text of a publisher as one short line.

import { printable } from "../../base/printable.ts";

const maxLength = 160;

export function oneLine(text: string): string {
  const line = text.trim().split(/[\r\n]/, 1)[0] ?? "";
  return printable(line.replaceAll(/\s+/g, " ").replace(/^#+ /, ""), maxLength);
}
