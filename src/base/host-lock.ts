// One at a time on this host: whoever does the same thing, in this process or in another of the same user, waits. The lock is SQLite's
// on an empty file, so the system takes it back when a process dies, on every platform. Source: sqlite.org/lang_transaction.html.

import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const patienceMs = 30_000;
const pauseMs = 20;

/**
 * Whoever calls this must be right without the lock too, for others work on other hosts: where there is no place for a lock, or one is
 * held longer than half a minute, the work is done nevertheless.
 */
export async function withHostLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const file = lockFile(name);
  const lock = file === undefined ? undefined : await takeLock(file);
  try {
    return await work();
  } finally {
    lock?.close();
  }
}

/** In a folder that is this user's alone; undefined where another has put something in its place. */
function lockFile(name: string): string | undefined {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `plimsoll-locks-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const there = lstatSync(folder);
    const isOwn = there.isDirectory() && (uid < 0 || (there.uid === uid && (there.mode & 0o022) === 0));
    return isOwn ? join(folder, createHash("sha256").update(name).digest("hex").slice(0, 32)) : undefined;
  } catch {
    return undefined;
  }
}

async function takeLock(file: string): Promise<DatabaseSync | undefined> {
  for (const start = performance.now(); performance.now() - start < patienceMs; ) {
    const lock = tryLock(file);
    if (lock !== undefined) return lock;
    await sleep(pauseMs * (0.5 + Math.random()));
  }
  return undefined;
}

function tryLock(file: string): DatabaseSync | undefined {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock?.close();
    return undefined;
  }
}
