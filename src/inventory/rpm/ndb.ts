// The values of rpm's own small database, which SUSE uses: slots of 16 bytes that point to blobs.
// Source: rpm 4.18, lib/backend/ndb/rpmpkg.c.

import { ByteView, type FileBytes } from "../bytes.ts";

const magics = { database: 0x506d7052, slot: 0x746f6c53, blob: 0x53626c42 } as const;
const pageSize = 4096;
const blockSize = 16;
const slotSize = 16;
const headerSize = 32;

export function isNdb(bytes: FileBytes): boolean {
  return bytes.length >= headerSize && new ByteView(bytes, "ndb", true).word(0) === magics.database;
}

/** @throws PlimsollError MALFORMED_INPUT */
export function* readNdbValues(bytes: FileBytes): Generator<Uint8Array> {
  const view = new ByteView(bytes, "rpm ndb database", true);
  const end = view.word(12) * pageSize;
  let total = 0;
  for (let slot = headerSize; slot < end; slot += slotSize) {
    if (view.word(slot) !== magics.slot) throw view.malformed(`no slot at ${slot}`);
    const number = view.word(slot + 4);
    const block = view.word(slot + 8);
    if (number === 0 || block === 0) continue;
    const value = readBlob(view, block * blockSize, number);
    total += value.length;
    if (total > view.length) throw view.malformed("blobs that lie upon one another");
    yield value;
  }
}

function readBlob(view: ByteView, at: number, number: number): Uint8Array {
  if (view.word(at) !== magics.blob || view.word(at + 4) !== number) throw view.malformed(`no blob ${number} at ${at}`);
  return view.slice(at + 16, view.word(at + 12));
}
