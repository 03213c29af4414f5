// The database from one machine to another: one file, believed for its signature and not for the way it came.

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import { type AdvisoryDatabase, openDatabase } from "../database/open-database.ts";
import { addTrustedKey, readTrustedKeys } from "../database/signing.ts";
import { type DatabaseStatus, databaseStatus } from "./database-status.ts";
import { databaseFile } from "./feed-folder.ts";

/** @returns the public key that the other machine has to be told @throws PlimsollError ADVISORIES_MISSING, ADVISORIES_INVALID */
export function exportDatabase(folder: string, target: string): { readonly signedBy: string; readonly digest: string } {
  const file = databaseFile(folder);
  const found = checked(file, readTrustedKeys(folder));
  copyFileSync(file, `${target}.new`);
  renameSync(`${target}.new`, target);
  return found;
}

export type ImportOptions = {
  readonly folder: string;
  readonly source: string;
  /** Public key of the machine that built it, base64; "" when it is trusted already. From now on it is. */
  readonly key: string;
  /** Take it although it was built before the one that is here. */
  readonly allowOlder: boolean;
  readonly now: Date;
};

/** @throws PlimsollError ADVISORIES_MISSING, ADVISORIES_INVALID; the database that was here stays */
export function importDatabase(options: ImportOptions): DatabaseStatus {
  const { folder, source, key } = options;
  mkdirSync(folder, { recursive: true });
  const file = databaseFile(folder);
  if (resolve(source) === resolve(file)) return databaseStatus(folder, options.now);
  const incoming = `${file}.incoming`;
  const trusted = [...readTrustedKeys(folder), ...(key === "" ? [] : [key])];
  checked(source, trusted);
  try {
    // What is checked is the copy: the source may be on a stick that somebody else writes to.
    copyFileSync(source, incoming);
    const found = checked(incoming, trusted);
    if (!options.allowOlder) refuseOlder(file, found.builtAt, trusted);
    if (key !== "" && found.signedBy === key) addTrustedKey(folder, key, "imported");
    renameSync(incoming, file);
  } finally {
    rmSync(incoming, { force: true });
  }
  return databaseStatus(folder, options.now);
}

type Checked = { readonly signedBy: string; readonly digest: string; readonly builtAt: string };

/** Reads every block, so that nobody takes over half a file. */
function checked(file: string, trustedKeys: readonly string[]): Checked {
  return using(openDatabase(file, { trustedKeys }), (database) => {
    database.verifyAll();
    return { signedBy: database.signedBy, digest: database.data.digest, builtAt: database.data.builtAt };
  });
}

function refuseOlder(file: string, builtAt: string, trustedKeys: readonly string[]): void {
  if (!existsSync(file)) return;
  const present = using(openDatabase(file, { trustedKeys }), ({ data }) => data.builtAt);
  if (Date.parse(builtAt) >= Date.parse(present)) return;
  throw new PlimsollError("ADVISORIES_INVALID", `built at ${builtAt}, before the one that is here (${present})`, {
    hint: "import a newer database, or allow an older one with --older",
  });
}

function using<T>(database: AdvisoryDatabase, action: (database: AdvisoryDatabase) => T): T {
  try {
    return action(database);
  } finally {
    database.close();
  }
}
