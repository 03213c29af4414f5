// The elements of one name in a large XML document, one after the other, each as its text: publishers write lists of advisories, of
// which nothing but attributes and plain texts is of use. Entities beyond XML's own five are not known, so none is expanded.
// Source: W3C, "Extensible Markup Language (XML) 1.0", sections 2.4 and 4.6.

import { limitExceeded, malformed } from "../../base/errors.ts";

const maxCharacters = 16 * 1024 * 1024;

/**
 * @param pieces bytes in UTF-8
 * @param name of elements that do not stand within one another
 * @throws PlimsollError LIMIT_EXCEEDED for an element that no publisher wrote, MALFORMED_INPUT for one without an end
 */
export async function* readElements(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
  where: string,
): AsyncIterable<string> {
  const decoder = new TextDecoder("utf-8");
  const [start, end] = [new RegExp(`<${name}[\\s>]`), `</${name}>`];
  let text = "";
  /** So far nothing that is looked for begins. */
  let searched = 0;
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    let isOpen = false;
    for (let from = text.search(start); from !== -1; from = text.search(start)) {
      const to = text.indexOf(end, Math.max(from, searched));
      if (to === -1) {
        text = text.slice(from);
        searched = Math.max(0, text.length - end.length);
        isOpen = true;
        break;
      }
      yield text.slice(from, to + end.length).replaceAll(/<!--[\s\S]*?-->/g, "");
      text = text.slice(to + end.length);
      searched = 0;
    }
    if (!isOpen) text = text.slice(-name.length - 2);
    if (text.length > maxCharacters)
      throw limitExceeded(where, `an element ${name} of more than ${maxCharacters} characters`);
  }
  if (text.search(start) === 0) throw malformed(where, `an element ${name} without an end`);
}

/** Attributes of each start tag of a name, in order. */
export function tagsOf(element: string, name: string): readonly ReadonlyMap<string, string>[] {
  return [...element.matchAll(new RegExp(`<${name}(\\s[^<>]*?)?/?>`, "g"))].map(
    ([, attributes = ""]) =>
      new Map(
        [...attributes.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, key = "", double, single]) => [
          key,
          plain(double ?? single ?? ""),
        ]),
      ),
  );
}

/** Texts of the elements of a name that hold nothing but text. */
export function textsOf(element: string, name: string): readonly string[] {
  return [...element.matchAll(new RegExp(`<${name}(?:\\s[^<>]*)?>([^<]*)</${name}>`, "g"))].map(([, text = ""]) =>
    plain(text).trim(),
  );
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, name, decimal, hex) => {
      if (name !== undefined) return entities[String(name)] ?? "";
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : String(whole);
    },
  );
}
