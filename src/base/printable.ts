// Text from outside, safe to show in one line: whatever would move the cursor, change colours, hide or reverse letters
// is written as its code point. Source: Unicode general categories C (control, format, surrogate...), Zl and Zp.

const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** @param maxLength code points of the text, before escaping; what is cut off is shown as `…` */
export function printable(text: string, maxLength: number = 4096): string {
  return shorten(text, maxLength).replace(unprintable, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`);
}

/** JSON text that is safe to show: the same value, with such characters escaped. JSON.stringify leaves most of them as they are. */
export function printableJson(json: string): string {
  return json.replace(unprintable, (found) =>
    Array.from(
      { length: found.length },
      (_, unit) => `\\u${found.charCodeAt(unit).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // A code point is at most two units: no need to look further than this.
  const points = [...text.slice(0, maxLength * 2 + 2)];
  return points.length <= maxLength ? text : `${points.slice(0, Math.max(0, maxLength - 1)).join("")}…`;
}
