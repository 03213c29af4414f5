// Which advisories speak of the same weakness: those that share a name. A bulletin's name is shared by all it fixes, so it does not count.

import type { Advisory } from "../../model/advisory.ts";

const bulletin =
  /^(?:DSA|DLA|ELA|DTSA|USN|LSN|RHSA|RHBA|RHEA|CESA|ALSA|ALBA|ALEA|RLSA|RLBA|RXSA|ELSA|ELBA|ALAS\w*|SUSE|openSUSE|MGASA|PHSA|FEDORA)-/;

/** `DSA-5532-1`: one text about any number of weaknesses. */
export function isBulletin(name: string): boolean {
  return bulletin.test(name);
}

/** Names under which a weakness alone is known. */
export function namesOf(advisory: Pick<Advisory, "id" | "aliases">): readonly string[] {
  const names = [...new Set([advisory.id, ...advisory.aliases])];
  const own = names.filter((name) => !isBulletin(name));
  return own.length === 0 ? [advisory.id] : own;
}

/** Groups things by the names they share, also by way of a third one. Order of first appearance is kept. */
export function groupByNames<T>(
  things: readonly T[],
  names: (thing: T) => readonly string[],
): readonly (readonly T[])[] {
  if (things.length < 2) return things.length === 0 ? [] : [things];
  const groupOf = new Map<string, Set<T>>();
  for (const thing of things) {
    const joined = new Set<T>();
    const own = names(thing);
    for (const group of new Set(own.map((name) => groupOf.get(name)))) {
      for (const member of group ?? []) joined.add(member);
    }
    joined.add(thing);
    for (const member of joined) for (const name of names(member)) groupOf.set(name, joined);
  }
  return [...new Set(groupOf.values())].map((group) => [...group]);
}

/** CVE ids first, lowest number first; then the publishers'. */
export function sortedNames(advisories: readonly Pick<Advisory, "id" | "aliases">[]): readonly string[] {
  const names = [...new Set(advisories.flatMap(namesOf))];
  return names.sort((left, right) => rank(left) - rank(right) || byNumber(left, right));
}

function rank(name: string): number {
  return name.startsWith("CVE-") ? 0 : name.startsWith("GHSA-") ? 1 : 2;
}

function byNumber(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
