// Proves the log, or says what is wrong and where: every record hashed again, every hash and signature compared, and an
// older checkpoint that somebody kept elsewhere.

import { errorText } from "../base/errors.ts";
import { type AuditReader, openAuditReader } from "./audit-reader.ts";
import { isSignedBy, type NoteVerifier, readCheckpoint, readVerifierKey, type SignedCheckpoint } from "./checkpoint.ts";
import { rootOf, type Tree } from "./merkle.ts";
import { walkLog } from "./verify-walk.ts";

export type VerifyOptions = {
  readonly folder: string;
  /** A checkpoint kept outside the folder: a witness that the folder's owner cannot change. */
  readonly kept?: string;
  /** Verifier key kept outside the folder; absent: the folder's own. */
  readonly key?: string;
};

export type LogProblem = {
  readonly kind: "record" | "hash" | "checkpoint" | "signature" | "truncated" | "retention" | "index";
  /** Position of the first record that it is about; absent for the whole log. */
  readonly position?: number;
  /** One sentence, lower case. */
  readonly message: string;
};

export type Verification = {
  readonly origin: string;
  readonly records: number;
  /** Records before it were dropped by retention; their hashes are still proven. */
  readonly firstKept: number;
  /** Hex. */
  readonly root: string;
  readonly checkpoints: number;
  /** Records after the newest checkpoint: hashed, but not signed yet. */
  readonly unsigned: number;
  readonly problems: readonly LogProblem[];
  /** Problems beyond the first 100. */
  readonly moreProblems: number;
};

type NamedNote = { readonly name: string; readonly note: string };

const maxProblems = 100;

/** @throws PlimsollError NOT_FOUND, STORE_UNAVAILABLE, MALFORMED_INPUT for a kept checkpoint or key that is none */
export function verifyLog(options: VerifyOptions): Verification {
  if (options.kept !== undefined) readCheckpoint(options.kept, "the kept checkpoint");
  const reader = openAuditReader(options.folder);
  try {
    const key = options.key === undefined ? reader.verifier() : readVerifierKey(options.key, "the kept key");
    return reader.snapshot(() => verify(reader, key, options.kept));
  } finally {
    reader.close();
  }
}

function verify(reader: AuditReader, key: NoteVerifier, kept: string | undefined): Verification {
  const problems: LogProblem[] = [];
  let count = 0;
  const report = (problem: LogProblem): void => {
    if (count++ < maxProblems) problems.push(problem);
  };
  const { start, end } = reader.tables.span();
  const origin = reader.tables.setting("origin") ?? "";
  const notes = signedNotes(namedNotes(reader, kept), origin, key, report);
  for (const { name, checkpoint } of notes) {
    if (checkpoint.size > end) report(truncated(name, checkpoint.size, end));
  }
  const tree = walkLog(reader.tables, report, rootComparison(notes, report));
  const newest = Math.max(0, ...notes.map(({ checkpoint }) => checkpoint.size).filter((size) => size <= end));
  if (end > 0 && notes.length === 0) report({ kind: "checkpoint", message: `${end} records, but no checkpoint` });
  return {
    ...{ origin, records: end, firstKept: start, root: Buffer.from(rootOf(tree)).toString("hex") },
    ...{ checkpoints: notes.length, unsigned: end - newest, problems, moreProblems: count - problems.length },
  };
}

function namedNotes(reader: AuditReader, kept: string | undefined): readonly NamedNote[] {
  const published = reader.publishedNote();
  return [
    ...[...reader.tables.checkpoints()].map(({ size, note }) => ({ name: `the checkpoint at ${size} records`, note })),
    ...(published === "" ? [] : [{ name: "the checkpoint file beside the log", note: published }]),
    ...(kept === undefined ? [] : [{ name: "the checkpoint you kept", note: kept }]),
  ];
}

type NamedCheckpoint = { readonly name: string; readonly checkpoint: SignedCheckpoint };

function signedNotes(
  notes: readonly NamedNote[],
  origin: string,
  key: NoteVerifier,
  report: (problem: LogProblem) => void,
): readonly NamedCheckpoint[] {
  return notes.flatMap(({ name, note }) => {
    try {
      const checkpoint = readCheckpoint(note, name);
      if (checkpoint.origin !== origin) {
        report({ kind: "checkpoint", message: `${name} is of another log, ${checkpoint.origin}` });
      } else if (!isSignedBy(checkpoint, key)) {
        report({ kind: "signature", message: `${name} is not signed by this log's key` });
      } else return [{ name, checkpoint }];
    } catch (cause) {
      report({ kind: "checkpoint", message: errorText(cause) });
    }
    return [];
  });
}

/** Compares the tree with what was signed, at each size that was. */
function rootComparison(
  notes: readonly NamedCheckpoint[],
  report: (problem: LogProblem) => void,
): (tree: Tree) => void {
  const bySize = Map.groupBy(notes, ({ checkpoint }) => checkpoint.size);
  let good = 0;
  let isBroken = false;
  return (tree) => {
    for (const { name, checkpoint } of bySize.get(tree.size) ?? []) {
      if (Buffer.from(rootOf(tree)).equals(checkpoint.root)) good = tree.size;
      else if (!isBroken || name === "the checkpoint you kept") {
        isBroken = true;
        report(notWhatWasSigned(name, good, tree.size));
      }
    }
  };
}

function notWhatWasSigned(name: string, good: number, size: number): LogProblem {
  const where = good < size ? `something between record ${good} and record ${size - 1} was changed` : "it was changed";
  return {
    kind: "checkpoint",
    position: Math.min(good, size),
    message: `the log is not the one that ${name} vouches for: ${where}`,
  };
}

function truncated(name: string, signed: number, found: number): LogProblem {
  const message = `${name} vouches for ${signed} records, the log has ${found}: records were cut off, or an older copy was put back`;
  return { kind: "truncated", position: found, message };
}
