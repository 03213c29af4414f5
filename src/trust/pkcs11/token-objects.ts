// The keys and certificates on a token. Every object is found by all that the URI says, and has to be the only one.

import type { KeyObject } from "node:crypto";
import { attributeTypes, classes } from "./constants.ts";
import type { Attribute } from "./library.ts";
import { ecPublicKey, rsaPublicKey } from "./public-key.ts";
import { noKey, theOnly } from "./token-problem.ts";
import type { TokenSession } from "./token-session.ts";
import type { Pkcs11Uri } from "./uri.ts";

export type DescribedKey = {
  readonly publicKey: KeyObject;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
};

const maxObjects = 64;

/** @throws TokenProblem when it is not there, or not the only one */
export function findKey(session: TokenSession, uri: Pkcs11Uri): number {
  const keys = findObjects(session, [
    number(attributeTypes.class, classes.privateKey),
    ...(uri.object === "" ? [] : [text(attributeTypes.label, uri.object)]),
    ...(uri.id === "" ? [] : [{ type: attributeTypes.id, value: Buffer.from(uri.id, "hex") }]),
  ]);
  const none = () =>
    noKey("the token has no such key", "make one with plimsoll keys create, or list them with plimsoll keys list");
  return theOnly(keys, none, "keys fit", "name one by object= and id=");
}

export function findObjects({ library, handle }: TokenSession, wanted: readonly Attribute[]): readonly number[] {
  const objects = Buffer.alloc(8 * maxObjects);
  const count: [number] = [0];
  library.call("findObjectsInit", handle, library.attributes(wanted), wanted.length);
  library.call("findObjects", handle, objects, maxObjects, count);
  library.call("findObjectsFinal", handle);
  return Array.from({ length: count[0] }, (_, at) => Number(objects.readBigUInt64LE(8 * at)));
}

/** The public half and the certificates carry the same id as the private one. @throws TokenProblem */
export function describeKey(session: TokenSession, key: number): DescribedKey {
  const { library, handle } = session;
  const [id] = library.read(handle, key, [attributeTypes.id]);
  const withId = id === undefined ? [] : [{ type: attributeTypes.id, value: id }];
  const ofClass = (value: number): readonly number[] =>
    findObjects(session, [number(attributeTypes.class, value), ...withId]);
  const { ecParams, ecPoint, modulus: n, publicExponent: e } = attributeTypes;
  const [open = key] = ofClass(classes.publicKey);
  const [params, point, modulus, exponent] = library.read(handle, open, [ecParams, ecPoint, n, e]);
  const certificates = ofClass(classes.certificate)
    .map((object) => library.read(handle, object, [attributeTypes.value])[0])
    .filter((value) => value !== undefined);
  if (params !== undefined && point !== undefined && point.length > 0)
    return { publicKey: ecPublicKey(params, point), certificates };
  if (modulus !== undefined && exponent !== undefined)
    return { publicKey: rsaPublicKey(modulus, exponent), certificates };
  throw noKey(
    "the token does not tell the public half of the key",
    "import the public key or its certificate onto the token",
  );
}

export function number(type: number, value: number): Attribute {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return { type, value: bytes };
}

export function truth(type: number, value: boolean): Attribute {
  return { type, value: Buffer.from([value ? 1 : 0]) };
}

export function text(type: number, value: string): Attribute {
  return { type, value: Buffer.from(value, "utf8") };
}
