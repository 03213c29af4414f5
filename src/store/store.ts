// What must survive a restart: the audit log, and who owns what cannot carry a label.

import { join } from "node:path";
import type { OwnershipLedger } from "../model/ledger.ts";
import { type AuditLog, type AuditLogOptions, openAuditLog } from "./audit-log.ts";
import type { Database, StoreDriver } from "./driver.ts";
import { sqlite } from "./drivers/sqlite.ts";
import { type HeldFolder, holdFolder } from "./folder.ts";
import { openLedger } from "./ledger.ts";
import { stateMigrations } from "./migrations.ts";

export type StoreOptions = Partial<Omit<AuditLogOptions, "folder">> & {
  /** Absolute; made when missing, private to this user. */
  readonly folder: string;
};

export interface Store {
  readonly audit: AuditLog;
  readonly ledger: OwnershipLedger;
  /** Writes what waits, signs the log, lets the folder go. Closing again does nothing. */
  close(): Promise<void>;
}

const defaults = {
  driver: sqlite,
  nowMs: () => Date.now(),
  checkpointEveryRecords: 4096,
  checkpointEveryMs: 30_000,
  retention: { keepDays: 0, maxBytes: 0 },
  onFull: "refuse" as const,
  reserveBytes: 8 * 1024 * 1024,
  onCheckpoint: () => {},
  onProblem: (cause: unknown) => process.emitWarning(cause instanceof Error ? cause : String(cause)),
};

/** @throws PlimsollError ALREADY_RUNNING, PERMISSION_NEEDED, STORE_UNAVAILABLE, LOG_CORRUPT; nothing stays open then */
export async function openStore(options: StoreOptions): Promise<Store> {
  const held = holdFolder(options.folder);
  try {
    const settings = { ...defaults, ...options };
    const state = openState(settings.driver, options.folder);
    const audit = await closingOnFailure(state, () => openAuditLog(settings));
    const ledger = openLedger(state);
    let closing: Promise<void> | undefined;
    return {
      audit,
      ledger,
      close() {
        closing ??= closeAll(audit, state, held);
        return closing;
      },
    };
  } catch (cause) {
    held.release();
    throw cause;
  }
}

async function closeAll(audit: AuditLog, state: Database, held: HeldFolder): Promise<void> {
  try {
    await audit.stop();
  } finally {
    state.close();
    held.release();
  }
}

function openState(driver: StoreDriver, folder: string): Database {
  return driver.open(join(folder, "state.db"), { access: "write", migrations: stateMigrations, busyTimeoutMs: 250 });
}

async function closingOnFailure<T>(database: Database, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    database.close();
    throw cause;
  }
}
