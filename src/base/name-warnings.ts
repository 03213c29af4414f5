// What about the name of an image could make people take it for another: hosts and owners that look like well-known ones, names that
// look like digests and ids. Warnings for eyes; nothing is decided by them, for every decision is about the canonical name.
// Source: docs/images.md, "Names"; Unicode UTS 39 (confusables), as far as the grammar of names lets them in.

import { domainToUnicode } from "node:url";
import { knownRegistries, officialImages, otherNamesOfDockerHub } from "./known-registries.ts";
import type { ImageReference } from "./reference.ts";

export type NameWarning = {
  readonly rule:
    | "punycode-host"
    | "upper-case-host"
    | "like-a-known-registry"
    | "known-registry-with-port"
    | "another-name-of-docker-hub"
    | "host-without-dot"
    | "official-name-elsewhere"
    | "like-library"
    | "like-an-official-image"
    | "tag-like-a-digest"
    | "name-like-an-id";
  /** One sentence, lower case. */
  readonly detail: string;
};

/** Short names are near to many others. */
const leastLength = 5;

export function nameWarnings(reference: ImageReference): readonly NameWarning[] {
  const { domain, path, tag = "" } = reference;
  const warnings = [...hostWarnings(domain), ...pathWarnings(domain, path)];
  if (/^sha(?:256|384|512)[-_.]?[0-9a-f]{32,}$|^[0-9a-f]{32,}$/i.test(tag)) {
    warnings.push({ rule: "tag-like-a-digest", detail: `the tag ${tag.slice(0, 20)}… is only a tag: it can be moved` });
  }
  return warnings;
}

function hostWarnings(domain: string): readonly NameWarning[] {
  const lower = domain.toLowerCase();
  const host = lower.replace(/:\d+$/, "");
  const warnings: NameWarning[] = [];
  if (lower !== domain) {
    warnings.push({
      rule: "upper-case-host",
      detail: `${domain} is written with capitals; rules for ${lower} do not cover it`,
    });
  }
  if (host.split(".").some((label) => label.startsWith("xn--"))) {
    warnings.push({ rule: "punycode-host", detail: `${host} is shown as ${escaped(domainToUnicode(host))}` });
  }
  if (otherNamesOfDockerHub.includes(host)) {
    warnings.push({
      rule: "another-name-of-docker-hub",
      detail: `${host} is not docker.io, whose rules do not cover it`,
    });
  } else if (!isKnown(host)) {
    const like = likeWhichRegistry(host);
    if (like !== undefined) {
      warnings.push({ rule: "like-a-known-registry", detail: `${host} is not ${like}, though it looks like it` });
    }
  } else if (host !== lower) {
    warnings.push({ rule: "known-registry-with-port", detail: `${lower} is another server than ${host}` });
  }
  return warnings;
}

function isKnown(host: string): boolean {
  return knownRegistries.some((known) => host === known || host.endsWith(`.${known}`));
}

/** The known registry that a host contains as a part, differs from by one letter, or equals in letters that look alike. */
function likeWhichRegistry(host: string): string | undefined {
  const spoken = asSeen(asUnicode(host));
  const words = `.${host.replaceAll("-", ".")}.`;
  return knownRegistries.find((known) => {
    if (asSeen(known) === spoken || words.includes(`.${known.replaceAll("-", ".")}.`)) return true;
    return known.length >= leastLength && (isOneApart(host, known) || isOneApart(asUnicode(host), known));
  });
}

function pathWarnings(domain: string, path: string): readonly NameWarning[] {
  const [first = "", ...rest] = path.split("/");
  const name = rest.at(-1) ?? "";
  const warnings: NameWarning[] = [];
  if (domain !== "docker.io") {
    if (first === "library" && officialImages.includes(name)) {
      const detail = `${domain}/${path} is not the official image docker.io/${path}`;
      warnings.push({ rule: "official-name-elsewhere", detail });
    }
    return warnings;
  }
  if (first === "library") return libraryWarnings(name);
  const asHost = knownRegistries.find(
    (known) => first.replaceAll(/[-_]/g, ".") === known || first === known.split(".")[0],
  );
  if (asHost !== undefined && asHost !== "docker.io") {
    warnings.push({
      rule: "host-without-dot",
      detail: `${first} is an account on docker.io, not the registry ${asHost}`,
    });
  }
  if (asSeen(first) === asSeen("library") || isOneApart(first, "library")) {
    warnings.push({
      rule: "like-library",
      detail: `${first} is an account on docker.io, not the official images of library`,
    });
  }
  return warnings;
}

/** Of a name without an owner: only Docker publishes there. */
function libraryWarnings(name: string): readonly NameWarning[] {
  if (/^[0-9a-f]{12,}$/.test(name)) {
    return [{ rule: "name-like-an-id", detail: `${name} is a name here, not the beginning of an id` }];
  }
  if (officialImages.includes(name)) return [];
  const like = officialImages.find(
    (known) => asSeen(known) === asSeen(name) || (known.length >= leastLength && isOneApart(name, known)),
  );
  return like === undefined
    ? []
    : [
        {
          rule: "like-an-official-image",
          detail: `${name} is not the official image ${like}, though it looks like it`,
        },
      ];
}

function asUnicode(host: string): string {
  return domainToUnicode(host) || host;
}

const alike: Readonly<Record<string, string>> = {
  ...{ "0": "o", "1": "l", i: "l", "|": "l", "3": "e", "5": "s", "8": "b", q: "g", u: "v" },
  // Cyrillic and Greek letters that print like Latin ones.
  ...{ а: "a", с: "c", ԁ: "d", е: "e", һ: "h", і: "l", ј: "j", к: "k", ο: "o", о: "o", р: "p", ѕ: "s", т: "t", у: "y" },
  ...{ х: "x", ν: "v", ι: "l", κ: "k", ρ: "p", α: "a", ɡ: "g", ı: "l", ⅼ: "l", ԛ: "g", ԝ: "w" },
};

/** Two texts that print alike become the same text: accents, dots and dashes gone, letters that look alike made one. */
function asSeen(text: string): string {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const letters = [...plain].map((letter) => alike[letter] ?? letter).join("");
  return letters.replaceAll("rn", "m").replaceAll("vv", "w").replaceAll("cl", "d").replaceAll(/[-._]/g, "");
}

/** One letter more, less, another, or two that changed places. */
function isOneApart(one: string, other: string): boolean {
  if (one === other || Math.abs(one.length - other.length) > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  const [left, right] = [one.slice(start), other.slice(start)];
  if (left.slice(1) === right.slice(1) || left.slice(1) === right || left === right.slice(1)) return true;
  return left.slice(2) === right.slice(2) && left[0] === right[1] && left[1] === right[0];
}

/** Letters that are not plain are written as numbers, so that nobody is taken in by the warning itself. */
function escaped(text: string): string {
  return [...text]
    .map((letter) => (/[\x21-\x7e]/.test(letter) ? letter : `\\u{${letter.codePointAt(0)?.toString(16)}}`))
    .join("");
}
