// Names out of certificates, before anything compares them: what could be read in two ways is no name.

/** RFC 5280, ub-common-name is 64; URIs are longer. */
const maxNameLength = 512;

/** A name that no policy could mistake for a URI, a pattern or another name. */
export function isPlainName(name: string): boolean {
  return isClean(name) && !/[:/\\]/.test(name);
}

/** An absolute URI with a lower-case scheme: `spiffe://example.org/build`. */
export function isUriName(name: string): boolean {
  return isClean(name) && /^[a-z][a-z0-9+.-]*:[^\s"<>\\^`{|}]+$/.test(name);
}

/** No control or invisible characters, no wildcards, no spaces at an end, Unicode in its composed form. */
function isClean(name: string): boolean {
  if (name === "" || name.length > maxNameLength || name !== name.trim() || name !== name.normalize("NFC"))
    return false;
  return !/[\p{C}\p{Zl}\p{Zp}*?]/u.test(name);
}
