// The state folder: private to its user, and held by one process at a time.
// The lock is the kernel's (fcntl, through SQLite), so it ends with the process however that dies.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorText, PlimsollError } from "../base/errors.ts";

export type HeldFolder = { readonly path: string; release(): void };

/** @throws PlimsollError ALREADY_RUNNING when another process holds it, PERMISSION_NEEDED when it cannot be made */
export function holdFolder(path: string): HeldFolder {
  makePrivateFolder(path);
  const lock = openLock(path);
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw unusable(path, cause);
    throw new PlimsollError("ALREADY_RUNNING", `${path}: held by another plimsoll${holder(path)}`, {
      hint: "stop it with plimsoll down, or choose another state folder",
      cause,
    });
  }
  tellHolder(path);
  return { path, release: () => lock.close() };
}

/** SQLITE_BUSY: somebody else has the lock. */
function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "errcode" in cause && cause.errcode === 5;
}

function unusable(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("STORE_UNAVAILABLE", `${path}: cannot be locked: ${errorText(cause)}`, {
    hint: "check that the disk has room and that this user may write the folder",
    cause,
  });
}

function tellHolder(path: string): void {
  try {
    writeFileSync(join(path, "holder"), `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // Only for the message above; a disk without room is told by what needs room.
  }
}

function makePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${path}: cannot be made: ${errorText(cause)}`, {
      hint: "choose a state folder that this user may write",
      cause,
    });
  }
}

function openLock(path: string): DatabaseSync {
  const file = join(path, "lock");
  try {
    const lock = new DatabaseSync(file, { timeout: 0 });
    chmodSync(file, 0o600);
    return lock;
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${file}: cannot be opened: ${errorText(cause)}`, {
      hint: "choose a state folder that this user may write",
      cause,
    });
  }
}

function holder(path: string): string {
  try {
    const pid = readFileSync(join(path, "holder"), "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? ` (pid ${pid})` : "";
  } catch {
    return ""; // the holder has not written its number yet
  }
}
