// When the log is signed: after so many records, after so much time, and at the end. Then the bytes are made to survive a
// power cut, and only then is the checkpoint told to anybody: a witness must never know more than the disk.

import { errorText } from "../base/errors.ts";
import type { AuditTables } from "./audit-tables.ts";
import { type NoteSigner, signCheckpoint } from "./checkpoint.ts";
import type { Database } from "./driver.ts";
import { rootOf, type Tree } from "./merkle.ts";

export interface Checkpointer {
  /** Called after each commit: signs when enough records came. */
  grown(tree: Tree): void;
  /** Signs now and tells everybody, if anything was logged since. @returns the newest note */
  sign(tree: Tree): Promise<string>;
  stop(): void;
}

export type CheckpointerParts = {
  readonly database: Database;
  readonly tables: AuditTables;
  readonly origin: string;
  readonly signer: NoteSigner;
  readonly everyRecords: number;
  readonly everyMs: number;
  /** Receives the note of each checkpoint once it would survive a power cut. */
  readonly publish: (note: string) => void;
  /** A checkpoint that could not be written or published; the next one is tried all the same. */
  readonly onProblem: (cause: unknown) => void;
  readonly tree: () => Tree;
};

export function checkpointer(parts: CheckpointerParts): Checkpointer {
  let signedSize = -1;
  let note = "";
  let publishing: Promise<void> = Promise.resolve();

  function report(cause: unknown): void {
    parts.onProblem(new Error(`a checkpoint of the audit log could not be written: ${errorText(cause)}`, { cause }));
  }

  function signNow(tree: Tree): void {
    if (tree.size === signedSize) return;
    const signed = signCheckpoint({ origin: parts.origin, size: tree.size, root: rootOf(tree) }, parts.signer);
    parts.database.transact(() => parts.tables.saveCheckpoint(tree.size, signed));
    note = signed;
    signedSize = tree.size;
    publishing = publishing.then(() => publishWhenDurable(signed)).catch(report);
  }

  async function publishWhenDurable(signed: string): Promise<void> {
    await parts.database.sync();
    parts.publish(signed);
  }

  function signOrReport(tree: Tree): void {
    try {
      signNow(tree);
    } catch (cause) {
      report(cause);
    }
  }

  // At once: records without any checkpoint are the mark of a log that was tampered with.
  signOrReport(parts.tree());
  const timer = setInterval(() => signOrReport(parts.tree()), parts.everyMs);
  timer.unref();
  return {
    grown(tree) {
      if (tree.size - signedSize >= parts.everyRecords) signOrReport(tree);
    },
    async sign(tree) {
      signNow(tree);
      await publishing;
      return note;
    },
    stop: () => clearInterval(timer),
  };
}
