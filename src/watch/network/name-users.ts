// Which containers need which names: a name is asked for as long as one of them does, and of one container only so many.

import type { NetworkPermit } from "../../model/watch.ts";
import type { NameBook } from "./name-book.ts";

export type NamePermit = NetworkPermit & { readonly isPattern: boolean };

export type NamedList = {
  readonly permits: readonly NamePermit[];
  /** In the order in which they were needed last. */
  readonly names: Set<string>;
};

export interface NameUsers {
  /** @returns when it is known, or nobody gave an answer */
  use(containerId: string, list: NamedList, name: string): Promise<void>;
  release(containerId: string, list: NamedList, name: string): void;
  of(key: string): Iterable<string>;
}

/** Of one container, by patterns: names beyond it push out those that were not asked for longest. */
const mostNames = 256;

export function createNameUsers(book: NameBook): NameUsers {
  const users = new Map<string, Set<string>>();
  const release = (containerId: string, list: NamedList, name: string): void => {
    list.names.delete(name);
    const key = keyOf(containerId, name);
    const left = users.get(key);
    left?.delete(containerId);
    if (left?.size !== 0) return;
    users.delete(key);
    book.drop(key);
  };
  return {
    async use(containerId, list, name) {
      list.names.delete(name);
      list.names.add(name);
      const key = keyOf(containerId, name);
      users.set(key, (users.get(key) ?? new Set()).add(containerId));
      const oldest = list.names.size > mostNames ? [...list.names].find((each) => !isExact(each, list)) : undefined;
      if (oldest !== undefined) release(containerId, list, oldest);
      await book.need(key);
    },
    release,
    of: (key) => users.get(key) ?? [],
  };
}

/** A name without a dot is a neighbour's: it means something else for each container. */
export function keyOf(containerId: string, name: string): string {
  return name.includes(".") ? name : `${name} ${containerId}`;
}

/** `*.example.org` is any name below example.org, however deep, and not itself. */
export function fits(name: string, { to, isPattern }: NamePermit): boolean {
  return isPattern ? name.endsWith(to) && name.length > to.length : name === to;
}

/** Those of the list that are names; of a pattern, from its first dot on. */
export function namesIn(permits: readonly NetworkPermit[]): readonly NamePermit[] {
  return permits
    .filter(({ to }) => !/[:/]/.test(to) && !/^\d+\.\d+\.\d+\.\d+$/.test(to))
    .map(({ to, port }) => {
      const isPattern = to.startsWith("*.");
      return { to: isPattern ? to.slice(1) : to, port, isPattern };
    });
}

function isExact(name: string, { permits }: NamedList): boolean {
  return permits.some((permit) => !permit.isPattern && permit.to === name);
}
