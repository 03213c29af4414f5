// Allow-lists with names -> allow-lists of addresses, kept up to date for the kernel, which knows addresses alone. Names are
// asked by the watch itself, before the container starts and ever after: no answer that a container gets, from whomever, adds
// an address. What a container asks for only says which names of a pattern (`*.example.org`) are needed, and when to ask again.

import type { ContainerProtection, NetworkPermit } from "../../model/watch.ts";
import { createFloodGuard } from "../alerts/flood-guard.ts";
import type { NameBook } from "./name-book.ts";
import { createNameHistory, type Resolved } from "./name-history.ts";
import { createNameUsers, fits, keyOf, type NamedList, namesIn } from "./name-users.ts";

export interface NamedPermits {
  /** Resolves when the kernel knows it; waits a moment for names. @throws PlimsollError of the kernel's maps */
  protect(containerId: string, protection: ContainerProtection): Promise<void>;
  forget(containerId: string): void;
  /** A container asked for a name, or was told addresses for it. */
  heard(containerId: string, heard: Heard): void;
  /** What names that are in the list now stood for at any time: connections outlive the addresses of a name. */
  stoodFor(containerId: string): readonly NetworkPermit[];
  /** The addresses of a name are others now. @param key as `keyOf` made it */
  changed(key: string): void;
}

export type NamedPermitsOptions = {
  readonly book: NameBook;
  /** To the kernel. @throws PlimsollError LIMIT_EXCEEDED, MALFORMED_INPUT */
  apply(containerId: string, protection: ContainerProtection): void;
  /** What it asked until then is known. */
  release(containerId: string, timeMs: number): void;
  notice(text: string): void;
  nowMs(): number;
};

export type Heard = {
  /** Lower case, without a dot at its end. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly timeMs: number;
};

type Entry = NamedList & {
  readonly protection: ContainerProtection;
  applied: string;
  isFull: boolean;
  learning: number;
};

const mostAddresses = 2_048;
const patienceMs = 1_000;
/** New names of patterns, for one container: each is two questions to the resolver. */
const namesPerMinute = 600;
const nameBurst = 64;

export function createNamedPermits({ book, apply, release, notice, nowMs }: NamedPermitsOptions): NamedPermits {
  const containers = new Map<string, Entry>();
  const history = createNameHistory();
  const users = createNameUsers(book);
  const flood = createFloodGuard({ perMinute: namesPerMinute, burst: nameBurst, nowMs });
  const write = (containerId: string, entry: Entry): void => {
    const added = resolve(containerId, entry, book);
    if (added.length === mostAddresses && !entry.isFull) {
      entry.isFull = true;
      notice(`names of ${short(containerId)} stand for more than ${mostAddresses} addresses: the rest is refused`);
    }
    const text = added.map(({ to, port }) => `${to} ${port}`).join(" ");
    if (text === entry.applied) return;
    history.add(containerId, added);
    apply(containerId, { ...entry.protection, connect: together(entry.protection.connect, added) });
    entry.applied = text;
  };
  const rewrite = (containerId: string): void => {
    const entry = containers.get(containerId);
    try {
      if (entry !== undefined) write(containerId, entry);
    } catch (thrown) {
      notice(`what names of ${short(containerId)} stand for is not in force: ${String(thrown)}`);
    }
  };
  /** @returns undefined when there is nothing to wait for */
  const learnFrom = (containerId: string, entry: Entry, { name, addresses }: Heard): Promise<void> | undefined => {
    if (!entry.permits.some((permit) => fits(name, permit))) return undefined;
    if (!entry.names.has(name)) {
      return flood.admit(containerId) === undefined ? undefined : users.use(containerId, entry, name);
    }
    const key = keyOf(containerId, name);
    const known = book.addressesOf(key);
    const isNews = addresses.length === 0 ? known.length === 0 : addresses.some((each) => !known.includes(each));
    return isNews ? book.askAgain(key) : undefined;
  };
  const outdate = inOneGo(rewrite);
  return {
    async protect(containerId, protection) {
      const before = containers.get(containerId);
      const permits = namesIn(protection.connect ?? []);
      const entry: Entry = { protection, permits, names: new Set(), applied: "-", isFull: false, learning: 0 };
      if (permits.length === 0) containers.delete(containerId);
      else containers.set(containerId, entry);
      const exact = permits.filter(({ isPattern }) => !isPattern).map(({ to }) => to);
      const learnt = [...(before?.names ?? [])].filter((name) => permits.some((permit) => fits(name, permit)));
      const needed = [...new Set([...exact, ...learnt])].map((name) => users.use(containerId, entry, name));
      for (const name of [...(before?.names ?? [])]) {
        if (before !== undefined && !entry.names.has(name)) users.release(containerId, before, name);
      }
      if (needed.length > 0) await Promise.race([Promise.all(needed), after(patienceMs)]);
      if (permits.length === 0 || containers.get(containerId) === entry) write(containerId, entry);
    },
    forget(containerId) {
      const entry = containers.get(containerId);
      containers.delete(containerId);
      history.forget(containerId);
      for (const name of [...(entry?.names ?? [])]) if (entry) users.release(containerId, entry, name);
    },
    heard(containerId, heard) {
      const entry = containers.get(containerId);
      if (entry === undefined) return;
      const learnt = learnFrom(containerId, entry, heard);
      if (learnt === undefined && entry.learning === 0) release(containerId, heard.timeMs);
      if (learnt === undefined) return;
      entry.learning++;
      void learnt.then(() => {
        entry.learning--;
        rewrite(containerId);
        if (entry.learning === 0) release(containerId, heard.timeMs);
      });
    },
    stoodFor: (containerId) => history.of(containerId, containers.get(containerId)?.permits ?? []),
    changed: (key) => outdate(...users.of(key)),
  };
}

/** Many names may change at once: each list is written once. */
function inOneGo(work: (containerId: string) => void): (...ids: readonly string[]) => void {
  const waiting = new Set<string>();
  const workAll = (): void => {
    const all = [...waiting];
    waiting.clear();
    for (const id of all) work(id);
  };
  return (...ids) => {
    if (waiting.size === 0) setImmediate(workAll);
    for (const id of ids) waiting.add(id);
  };
}

/** Undefined stays so: then nothing is refused. */
function together(
  written: readonly NetworkPermit[] | undefined,
  resolved: readonly Resolved[],
): readonly NetworkPermit[] | undefined {
  return written === undefined ? undefined : [...written, ...resolved.map(({ to, port }) => ({ to, port }))];
}

function resolve(containerId: string, { names, permits }: Entry, book: NameBook): readonly Resolved[] {
  const found: Resolved[] = [];
  for (const name of [...names].sort()) {
    const fitting = permits.filter((permit) => fits(name, permit));
    for (const to of book.addressesOf(keyOf(containerId, name)).toSorted()) {
      found.push(...fitting.map(({ port }) => ({ to, port, name })));
    }
    if (found.length >= mostAddresses) break;
  }
  return found.slice(0, mostAddresses);
}

function short(containerId: string): string {
  return containerId.slice(0, 12);
}

function after(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}
