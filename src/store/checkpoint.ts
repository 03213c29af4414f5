// Signed checkpoints: the one short text that vouches for everything logged so far.
// Source: C2SP signed-note (text, blank line, `— name base64(key id, signature)`) and tlog-checkpoint (origin, size, root).

import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { malformed } from "../base/errors.ts";

export type Checkpoint = {
  /** Names the log, for ever: `plimsoll/HOST/RANDOM`. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
};

export type SignedCheckpoint = Checkpoint & { readonly note: string; readonly signatures: readonly NoteSignature[] };
type NoteSignature = { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array };

/** A private key with the name that its signatures carry. */
export type NoteSigner = { readonly name: string; readonly key: KeyObject };
export type NoteVerifier = { readonly name: string; readonly keyId: Uint8Array; readonly key: KeyObject };

const ed25519Algorithm = 1;
/** SubjectPublicKeyInfo of an ed25519 key is this and the 32 bytes. Source: RFC 8410 section 4. */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
const maxNoteBytes = 65_536;

export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  const text = checkpointText(checkpoint);
  const signature = sign(null, Buffer.from(text), signer.key);
  const id = keyIdOf(signer.name, rawPublicKey(signer.key));
  return `${text}\n— ${signer.name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
}

function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${Buffer.from(checkpoint.root).toString("base64")}\n`;
}

/** @throws PlimsollError MALFORMED_INPUT */
export function readCheckpoint(note: string, where: string): SignedCheckpoint {
  if (note.length > maxNoteBytes) throw malformed(where, `expected a checkpoint, found ${note.length} characters`);
  const blank = note.lastIndexOf("\n\n");
  const [origin, size, root] = note.slice(0, blank + 1).split("\n");
  const rootBytes = Buffer.from(root ?? "", "base64");
  const isWhole = blank > 0 && note.endsWith("\n") && origin && /^(0|[1-9]\d{0,15})$/.test(size ?? "");
  if (!isWhole || rootBytes.length !== 32 || rootBytes.toString("base64") !== root) {
    throw malformed(where, "expected a checkpoint: origin, size, root hash, an empty line and signatures");
  }
  const signatures = note
    .slice(blank + 2)
    .split("\n")
    .slice(0, -1)
    .map((line) => readSignature(line, where));
  return { origin, size: Number(size), root: rootBytes, note, signatures };
}

function readSignature(line: string, where: string): NoteSignature {
  const [, name, base64] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  const bytes = Buffer.from(base64 ?? "", "base64");
  if (!name || bytes.length < 5) throw malformed(where, "a signature line that is not '— name base64'");
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** True when one of the note's signatures is by this key and right. */
export function isSignedBy(checkpoint: SignedCheckpoint, verifier: NoteVerifier): boolean {
  const text = Buffer.from(checkpoint.note.slice(0, checkpoint.note.lastIndexOf("\n\n") + 1));
  return checkpoint.signatures.some(
    (found) =>
      found.name === verifier.name &&
      Buffer.from(found.keyId).equals(verifier.keyId) &&
      verify(null, text, verifier.key, found.signature),
  );
}

/** `name+keyid+base64`, the form in which other tools take the key. Source: C2SP signed-note, "Verifier keys". */
export function writeVerifierKey(signer: NoteSigner): string {
  const raw = rawPublicKey(signer.key);
  const encoded = Buffer.concat([Buffer.of(ed25519Algorithm), raw]).toString("base64");
  return `${signer.name}+${keyIdOf(signer.name, raw).toString("hex")}+${encoded}`;
}

/** @throws PlimsollError MALFORMED_INPUT */
export function readVerifierKey(text: string, where: string): NoteVerifier {
  const [, name, id, base64] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})\n?$/.exec(text) ?? [];
  const encoded = Buffer.from(base64 ?? "", "base64");
  const raw = encoded.subarray(1);
  if (!name || encoded[0] !== ed25519Algorithm || raw.length !== 32 || keyIdOf(name, raw).toString("hex") !== id) {
    throw malformed(where, "expected an ed25519 verifier key: name+id+base64");
  }
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: "der", type: "spki" });
  return { name, keyId: keyIdOf(name, raw), key };
}

function keyIdOf(name: string, raw: Uint8Array): Buffer {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ed25519Algorithm), raw]);
  return createHash("sha256").update(input).digest().subarray(0, 4);
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = (key.type === "private" ? createPublicKey(key) : key).export({ format: "der", type: "spki" });
  return spki.subarray(spkiPrefix.length);
}
