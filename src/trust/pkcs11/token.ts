// One key on one token: opened and signed with, or made there.

import { createHash, type KeyObject } from "node:crypto";
import { attributeTypes, classes, keyTypes, mechanisms, users } from "./constants.ts";
import { type DescribedKey, describeKey, findKey, findObjects, number, text, truth } from "./token-objects.ts";
import { explaining, noKey } from "./token-problem.ts";
import { endSession, openSession, type TokenSession } from "./token-session.ts";
import type { Pkcs11Uri } from "./uri.ts";

export type OpenToken = DescribedKey & {
  /** ECDSA as r||s. */
  sign(data: Uint8Array, hash: string): Uint8Array;
  close(): void;
};

const maxSignatureBytes = 1024;
/** Object identifier of P-256, DER. */
const p256 = "06082a8648ce3d030107";
/** Source: RFC 8017 section 9.2, note 1. */
const digestInfo: Readonly<Record<string, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

/** @throws TokenProblem */
export function openToken(uri: Pkcs11Uri, pin: string): OpenToken {
  const session = openSession(uri, pin);
  const key = findKey(session, uri);
  return {
    ...describeKey(session, key),
    sign: (data, hash) => explaining("", () => signWith(session, key, pin, inputOf(session, key, data, hash))),
    close: () => endSession(session),
  };
}

/** A new P-256 key that never leaves the token. @throws TokenProblem */
export function createTokenKey(uri: Pkcs11Uri, pin: string): KeyObject {
  const session = openSession(uri, pin, true);
  try {
    return explaining(session.label, () => describeKey(session, generate(session, uri)).publicKey);
  } finally {
    endSession(session);
  }
}

/** @returns the private key */
function generate(session: TokenSession, uri: Pkcs11Uri): number {
  const { library, handle, label } = session;
  const id = { type: attributeTypes.id, value: uri.id === "" ? Buffer.from([1]) : Buffer.from(uri.id, "hex") };
  const taken = findObjects(session, [number(attributeTypes.class, classes.privateKey), id]);
  if (taken.length > 0) throw noKey(`the token ${label} has a key with this id`, "choose another id=%NN");
  const both = [truth(attributeTypes.token, true), id, text(attributeTypes.label, uri.object || "plimsoll")];
  const open = [
    ...[...both, truth(attributeTypes.verify, true)],
    { type: attributeTypes.ecParams, value: Buffer.from(p256, "hex") },
  ];
  const secret = [
    ...[...both, truth(attributeTypes.sign, true), truth(attributeTypes.private, true)],
    ...[truth(attributeTypes.sensitive, true), truth(attributeTypes.extractable, false)],
  ];
  const made: [[number], [number]] = [[0], [0]];
  const lists = [library.attributes(open), open.length, library.attributes(secret), secret.length];
  library.call("generateKeyPair", handle, withMechanism(mechanisms.ecKeyPairGen), ...lists, ...made);
  return made[1][0];
}

type SignInput = { readonly mechanism: number; readonly bytes: Uint8Array; readonly asksAgain: boolean };

function inputOf({ library, handle }: TokenSession, key: number, data: Uint8Array, hash: string): SignInput {
  const [type, always] = library.read(handle, key, [attributeTypes.keyType, attributeTypes.alwaysAuthenticate]);
  const isRsa = type !== undefined && Buffer.from(type).readBigUInt64LE() === BigInt(keyTypes.rsa);
  const digest = createHash(hash).update(data).digest();
  return {
    mechanism: isRsa ? mechanisms.rsaPkcs : mechanisms.ecdsa,
    bytes: isRsa ? Buffer.concat([Buffer.from(digestInfo[hash] ?? "", "hex"), digest]) : digest,
    asksAgain: always?.[0] === 1,
  };
}

/** Keys like those of slot 9c of a YubiKey want the PIN for each signature, after it was begun. */
function signWith({ library, handle }: TokenSession, key: number, pin: string, input: SignInput): Uint8Array {
  library.call("signInit", handle, withMechanism(input.mechanism), key);
  if (input.asksAgain) {
    const bytes = Buffer.from(pin, "utf8");
    library.call("login", handle, users.contextSpecific, bytes, bytes.length);
    bytes.fill(0);
  }
  const signature = Buffer.alloc(maxSignatureBytes);
  const size: [number] = [signature.length];
  library.call("sign", handle, input.bytes, input.bytes.length, signature, size);
  return signature.subarray(0, size[0]);
}

function withMechanism(mechanism: number) {
  return { mechanism, parameter: null, length: 0 };
}
