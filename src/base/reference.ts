// Names of images: `busybox` -> docker.io/library/busybox. One reading for the gate, admission and the engine.
// Source: github.com/distribution/reference, regexp.go and normalize.go (v0.6), digest rules of opencontainers/go-digest.

import { malformed } from "./errors.ts";

export type ImageReference = {
  /** `docker.io`, `127.0.0.1:5000` */
  readonly domain: string;
  /** `library/busybox` */
  readonly path: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
};

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;

const defaultDomain = "docker.io";
/** Domain and path together; the engine's own limit. */
const maxNameLength = 255;
const maxReferenceLength = 1024;

/** @throws PlimsollError MALFORMED_INPUT when the engine would not take it for the name of an image */
export function parseReference(text: string): ImageReference {
  const reference = readReference(text);
  if (reference === undefined) {
    throw malformed(
      "image reference",
      `expected a name like registry/path:tag, found ${JSON.stringify(text.slice(0, 200))}`,
    );
  }
  return reference;
}

/** The full form, `docker.io/library/busybox:1`; what has no tag and no digest keeps none. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.domain}/${reference.path}${tag}${digest}`;
}

/** As the engine does: a name alone means its tag `latest`. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** `sha256:...` of a full image id, written with or without its algorithm; undefined for names and short ids. */
export function readImageId(text: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(text)) return `sha256:${text}`;
  return digestPattern.test(text) ? text : undefined;
}

export function isImageId(text: string): boolean {
  return readImageId(text) !== undefined;
}

/** `docker.io/library/a` */
export function repositoryOf(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}`;
}

/** `docker.io/library/a:latest`: a name without tag means `latest`. */
export function tagOf(reference: ImageReference): string {
  return `${repositoryOf(reference)}:${reference.tag ?? "latest"}`;
}

/** A tag of an engine's lists (`a:b`) in full; undefined for `<none>:<none>` and anything odd. */
export function canonicalTag(text: string): string | undefined {
  const reference = readReference(text);
  return reference === undefined || reference.digest !== undefined ? undefined : tagOf(reference);
}

/** @returns undefined when it is not the name of an image; a full id is not one either */
export function readReference(text: string): ImageReference | undefined {
  if (text.length > maxReferenceLength || readImageId(text) !== undefined) return undefined;
  const { name, tag, digest } = splitReference(text);
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  if (digest !== undefined && !digestPattern.test(digest)) return undefined;
  const named = readName(name);
  if (named === undefined) return undefined;
  return { ...named, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** `name[:tag][@digest]`; a colon before the last slash belongs to the registry's port. */
function splitReference(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf("@");
  const front = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = front.lastIndexOf(":");
  if (colon <= front.lastIndexOf("/")) return { name: front, tag: undefined, digest };
  return { name: front.slice(0, colon), tag: front.slice(colon + 1), digest };
}

function readName(name: string): { domain: string; path: string } | undefined {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost");
  const domain = !hasDomain || first === "index.docker.io" ? defaultDomain : first;
  const rest = hasDomain ? name.slice(slash + 1) : name;
  const path = domain === defaultDomain && !rest.includes("/") ? `library/${rest}` : rest;
  const isValid = domainPattern.test(domain) && pathPattern.test(path);
  return isValid && domain.length + 1 + path.length <= maxNameLength ? { domain, path } : undefined;
}
