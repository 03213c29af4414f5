// A proof for one record that anybody can check without the log. Source: C2SP tlog-proof.

import { PlimsollError } from "../base/errors.ts";
import type { AuditReader } from "./audit-reader.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { inclusionProof } from "./proof.ts";

export type RecordProof = { readonly entry: string; readonly proof: string };

/** @throws PlimsollError NOT_FOUND when no published checkpoint covers the record yet */
export function proveRecord(reader: AuditReader, id: string): RecordProof | undefined {
  const entry = reader.tables.entryById(id);
  if (entry === undefined) return undefined;
  const note = reader.publishedNote();
  const size = note === "" ? 0 : readCheckpoint(note, "the published checkpoint").size;
  if (entry.position >= size) {
    throw new PlimsollError("NOT_FOUND", `record ${id} is newer than the newest checkpoint`, {
      hint: "try again in half a minute: checkpoints are signed twice a minute",
    });
  }
  const hashes = inclusionProof(entry.position, size, reader.tables.readHash);
  const lines = hashes.map((hash) => `${Buffer.from(hash).toString("base64")}\n`);
  return { entry: entry.body, proof: `c2sp.org/tlog-proof@v1\nindex ${entry.position}\n${lines.join("")}\n${note}` };
}
