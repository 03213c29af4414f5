// Owners of images, tags, execs and build sessions: all in memory for decisions, every change on disk before it counts.

import { errorText, PlimsollError } from "../base/errors.ts";
import type { LedgerKind, OwnershipLedger } from "../model/ledger.ts";
import { type Database, textColumn } from "./driver.ts";

const insertOwner = "INSERT INTO owner (kind, id, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

/**
 * A change that the disk refuses still counts in this process, and is written with the next one that succeeds.
 * @throws PlimsollError STORE_UNAVAILABLE from `claim` and `release`
 */
export function openLedger(database: Database): OwnershipLedger {
  const owners = new Map<string, readonly string[]>();
  for (const row of database.all("SELECT kind, id, owner FROM owner ORDER BY number")) {
    addOwner(owners, keyOf(textColumn(row, "kind"), textColumn(row, "id")), textColumn(row, "owner"));
  }
  const write = persistently(database);
  return {
    owners: (kind, id) => owners.get(keyOf(kind, id)) ?? [],
    ids(kind) {
      const start = keyOf(kind, "");
      return [...owners.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
    },
    claim(kind, id, owner) {
      if (addOwner(owners, keyOf(kind, id), owner)) write(insertOwner, kind, id, owner);
    },
    release(kind, id, owner) {
      if (!removeOwner(owners, keyOf(kind, id), owner)) return;
      if (owner === undefined) write("DELETE FROM owner WHERE kind = ? AND id = ?", kind, id);
      else write("DELETE FROM owner WHERE kind = ? AND id = ? AND owner = ?", kind, id, owner);
    },
  };
}

/** Kinds have no space in them, so the key is unique. */
function keyOf(kind: LedgerKind | string, id: string): string {
  return `${kind} ${id}`;
}

function addOwner(owners: Map<string, readonly string[]>, key: string, owner: string): boolean {
  const known = owners.get(key) ?? [];
  if (known.includes(owner)) return false;
  owners.set(key, [...known, owner]);
  return true;
}

function removeOwner(owners: Map<string, readonly string[]>, key: string, owner: string | undefined): boolean {
  const known = owners.get(key) ?? [];
  const left = owner === undefined ? [] : known.filter((one) => one !== owner);
  if (left.length === 0) owners.delete(key);
  else owners.set(key, left);
  return left.length < known.length;
}

type Change = readonly [sql: string, ...values: readonly string[]];

function persistently(database: Database): (...change: Change) => void {
  let unwritten: Change[] = [];
  return (...change) => {
    unwritten.push(change);
    try {
      database.transact(() => {
        for (const [sql, ...values] of unwritten) database.run(sql, ...values);
      });
      unwritten = [];
    } catch (cause) {
      throw new PlimsollError(
        "STORE_UNAVAILABLE",
        `${database.file}: the owner could not be written: ${errorText(cause)}`,
        {
          hint: "make room on the disk that holds the state folder",
          cause,
        },
      );
    }
  };
}
