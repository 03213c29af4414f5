// What a person typed, as one source understands it: `SOURCE://REST` names the source, anything else is tried by each.
// `PATH#NAME` picks one of several images of an archive or layout.

import { formatReference, parseReference, withDefaultTag } from "../base/reference.ts";

export type Subject = { readonly text: string; readonly isForced: boolean };

/** @returns undefined when the subject names another source */
export function subjectFor(source: string, subject: string): Subject | undefined {
  const scheme = /^([a-z][a-z-]*):\/\//.exec(subject)?.[1];
  if (scheme === undefined) return { text: subject, isForced: false };
  return scheme === source ? { text: subject.slice(scheme.length + 3), isForced: true } : undefined;
}

export type PathSubject = { readonly path: string; readonly image: string };

export function splitPath(text: string): PathSubject {
  const hash = text.lastIndexOf("#");
  return hash < 0 ? { path: text, image: "" } : { path: text.slice(0, hash), image: text.slice(hash + 1) };
}

/** Canonical names; what is no name of an image is left out: names inside an archive are only claims. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap(canonicalName))].sort();
}

/** `docker.io/library/busybox:1` for `busybox:1`; nothing for what is no name. */
export function canonicalName(name: string): readonly string[] {
  try {
    return [formatReference(withDefaultTag(parseReference(name)))];
  } catch {
    return []; // whoever wrote it did not name an image
  }
}
