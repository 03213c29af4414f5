// One token: found by name, logged in once, one key on it. Every object is found by all that the URI says, and has to be the only one.

import { createHash, type KeyObject } from "node:crypto";
import {
  attributeTypes,
  classes,
  keyTypes,
  mechanisms,
  results,
  sessionFlags,
  tokenFlags,
  users,
} from "./constants.ts";
import { type Attribute, loadTokenLibrary, TokenError, type TokenLibrary } from "./library.ts";
import { ecPublicKey, rsaPublicKey } from "./public-key.ts";
import type { Pkcs11Uri } from "./uri.ts";

/** For the process that asks: which code of base/errors.ts it becomes there. */
export class TokenProblem extends Error {
  readonly code: "KEY_UNAVAILABLE" | "SECRET_WRONG";
  readonly hint: string;

  constructor(code: "KEY_UNAVAILABLE" | "SECRET_WRONG", message: string, hint: string) {
    super(message);
    this.name = "TokenProblem";
    this.code = code;
    this.hint = hint;
  }
}

export type OpenToken = {
  readonly publicKey: KeyObject;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
  /** ECDSA as r||s. */
  sign(data: Uint8Array, hash: string): Uint8Array;
  close(): void;
};

const maxObjects = 64;
const infoBytes = 208;
/** Source: RFC 8017 section 9.2, note 1. */
const digestInfo: Readonly<Record<string, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

export type TokenDescription = {
  readonly slot: number;
  readonly label: string;
  readonly serial: string;
  readonly flags: number;
};

/** @throws TokenProblem */
export function openToken(uri: Pkcs11Uri, pin: string): OpenToken {
  const library = load(uri.module);
  const token = chooseToken(listTokens(library), uri);
  const session = openSession(library, token, sessionFlags.serial);
  logIn(library, session, token, pin);
  const key = findKey(library, session, uri);
  return {
    ...describeKey(library, session, key),
    sign: (data, hash) => signWith(library, session, key, pin, data, hash),
    close: () => end(library, session),
  };
}

/** A new P-256 key that never leaves the token. @throws TokenProblem */
export function createTokenKey(uri: Pkcs11Uri, pin: string): KeyObject {
  const library = load(uri.module);
  const token = chooseToken(listTokens(library), uri);
  const session = openSession(library, token, sessionFlags.serial | sessionFlags.readWrite);
  try {
    logIn(library, session, token, pin);
    const id = uri.id === "" ? Buffer.from([1]) : Buffer.from(uri.id, "hex");
    const taken = findObjects(library, session, [
      number(attributeTypes.class, classes.privateKey),
      { type: attributeTypes.id, value: id },
    ]);
    if (taken.length > 0)
      throw new TokenProblem(
        "KEY_UNAVAILABLE",
        `the token ${token.label} has a key with this id`,
        "choose another id=%NN",
      );
    const shared = [
      truth(attributeTypes.token, true),
      { type: attributeTypes.id, value: id },
      text(attributeTypes.label, uri.object || "plimsoll"),
    ];
    const open = [
      ...shared,
      truth(attributeTypes.verify, true),
      { type: attributeTypes.ecParams, value: Buffer.from("06082a8648ce3d030107", "hex") },
    ];
    const secret = [
      ...shared,
      truth(attributeTypes.sign, true),
      truth(attributeTypes.sensitive, true),
      truth(attributeTypes.extractable, false),
      truth(attributeTypes.private, true),
    ];
    const mechanism = { mechanism: mechanisms.ecKeyPairGen, parameter: null, length: 0 };
    const made: [[number], [number]] = [[0], [0]];
    library.call(
      "generateKeyPair",
      session,
      mechanism,
      library.attributes(open),
      open.length,
      library.attributes(secret),
      secret.length,
      ...made,
    );
    return describeKey(library, session, made[1][0]).publicKey;
  } catch (thrown) {
    throw explain(thrown, token.label);
  } finally {
    end(library, session);
  }
}

export function load(module: string): TokenLibrary {
  try {
    const library = loadTokenLibrary(module);
    library.call("initialize", null);
    return library;
  } catch (thrown) {
    throw new TokenProblem(
      "KEY_UNAVAILABLE",
      `${module} cannot be used: ${String(thrown)}`,
      "install the library, and start pcscd for smart cards",
    );
  }
}

export function listTokens(library: TokenLibrary): readonly TokenDescription[] {
  const count: [number] = [0];
  library.call("getSlotList", 1, null, count);
  const slots = Buffer.alloc(8 * count[0]);
  library.call("getSlotList", 1, slots, count);
  return Array.from({ length: count[0] }, (_, at) => describeSlot(library, Number(slots.readBigUInt64LE(8 * at))));
}

/** Source: CK_TOKEN_INFO: label 32, manufacturer 32, model 16, serial 16, flags. */
function describeSlot(library: TokenLibrary, slot: number): TokenDescription {
  const info = Buffer.alloc(infoBytes);
  library.call("getTokenInfo", slot, info);
  const textAt = (from: number, to: number): string => info.toString("utf8", from, to).replace(/[ \0]+$/, "");
  return { slot, label: textAt(0, 32), serial: textAt(80, 96), flags: Number(info.readBigUInt64LE(96)) };
}

function chooseToken(tokens: readonly TokenDescription[], uri: Pkcs11Uri): TokenDescription {
  const fitting = tokens.filter(
    ({ label, serial }) => (uri.token === "" || label === uri.token) && (uri.serial === "" || serial === uri.serial),
  );
  const [only] = fitting;
  if (only === undefined) {
    const there = tokens
      .map(({ label }) => label)
      .filter((label) => label !== "")
      .join(", ");
    throw new TokenProblem(
      "KEY_UNAVAILABLE",
      `no token${uri.token === "" ? "" : ` called ${uri.token}`} is there${there === "" ? "" : `; there is ${there}`}`,
      "insert the token, and start pcscd for smart cards",
    );
  }
  if (fitting.length > 1)
    throw new TokenProblem("KEY_UNAVAILABLE", `${fitting.length} tokens fit`, "name one by token= or serial=");
  return only;
}

function openSession(library: TokenLibrary, token: TokenDescription, flags: number): number {
  const session: [number] = [0];
  try {
    library.call("openSession", token.slot, flags, null, null, session);
    return session[0];
  } catch (thrown) {
    throw explain(thrown, token.label);
  }
}

/** One try. A token that would lock itself after the next wrong PIN is left alone. */
function logIn(library: TokenLibrary, session: number, token: TokenDescription, pin: string): void {
  if ((token.flags & tokenFlags.locked) !== 0)
    throw new TokenProblem(
      "SECRET_WRONG",
      `the token ${token.label} is locked`,
      "unlock it with its own tool and the PUK",
    );
  if ((token.flags & tokenFlags.finalTry) !== 0)
    throw new TokenProblem(
      "SECRET_WRONG",
      `the token ${token.label} allows one more try before it locks itself`,
      "log in once with its own tool, then run the command again",
    );
  const bytes = Buffer.from(pin, "utf8");
  try {
    library.call("login", session, users.user, bytes, bytes.length);
  } catch (thrown) {
    if (!(thrown instanceof TokenError && thrown.result === results.alreadyLoggedIn))
      throw explain(thrown, token.label);
  } finally {
    bytes.fill(0);
  }
}

function findKey(library: TokenLibrary, session: number, uri: Pkcs11Uri): number {
  const wanted = [
    number(attributeTypes.class, classes.privateKey),
    ...(uri.object === "" ? [] : [text(attributeTypes.label, uri.object)]),
    ...(uri.id === "" ? [] : [{ type: attributeTypes.id, value: Buffer.from(uri.id, "hex") }]),
  ];
  const keys = findObjects(library, session, wanted);
  const [only] = keys;
  if (only === undefined)
    throw new TokenProblem(
      "KEY_UNAVAILABLE",
      "the token has no such key",
      "make one with plimsoll keys create, or list them with plimsoll keys list",
    );
  if (keys.length > 1)
    throw new TokenProblem("KEY_UNAVAILABLE", `${keys.length} keys fit`, "name one by object= and id=");
  return only;
}

function findObjects(library: TokenLibrary, session: number, wanted: readonly Attribute[]): readonly number[] {
  const objects = Buffer.alloc(8 * maxObjects);
  const count: [number] = [0];
  library.call("findObjectsInit", session, library.attributes(wanted), wanted.length);
  library.call("findObjects", session, objects, maxObjects, count);
  library.call("findObjectsFinal", session);
  return Array.from({ length: count[0] }, (_, at) => Number(objects.readBigUInt64LE(8 * at)));
}

/** The public half and the certificates carry the same id as the private one. */
function describeKey(
  library: TokenLibrary,
  session: number,
  key: number,
): Pick<OpenToken, "publicKey" | "certificates"> {
  const [id] = library.read(session, key, [attributeTypes.id]);
  const withId = id === undefined ? [] : [{ type: attributeTypes.id, value: id }];
  const [open] = findObjects(library, session, [number(attributeTypes.class, classes.publicKey), ...withId]);
  const types = [
    attributeTypes.ecParams,
    attributeTypes.ecPoint,
    attributeTypes.modulus,
    attributeTypes.publicExponent,
  ];
  const [params, point, modulus, exponent] = library.read(session, open ?? key, types);
  const certificates = findObjects(library, session, [number(attributeTypes.class, classes.certificate), ...withId])
    .map((object) => library.read(session, object, [attributeTypes.value])[0])
    .filter((value) => value !== undefined);
  if (params !== undefined && point !== undefined && point.length > 0)
    return { publicKey: ecPublicKey(params, point), certificates };
  if (modulus !== undefined && exponent !== undefined)
    return { publicKey: rsaPublicKey(modulus, exponent), certificates };
  throw new TokenProblem(
    "KEY_UNAVAILABLE",
    "the token does not tell the public half of the key",
    "import the public key or its certificate onto the token",
  );
}

function signWith(
  library: TokenLibrary,
  session: number,
  key: number,
  pin: string,
  data: Uint8Array,
  hash: string,
): Uint8Array {
  const [type, always] = library.read(session, key, [attributeTypes.keyType, attributeTypes.alwaysAuthenticate]);
  const isRsa = type !== undefined && Buffer.from(type).readBigUInt64LE() === BigInt(keyTypes.rsa);
  const digest = createHash(hash).update(data).digest();
  const input = isRsa ? Buffer.concat([Buffer.from(digestInfo[hash] ?? "", "hex"), digest]) : digest;
  try {
    library.call(
      "signInit",
      session,
      { mechanism: isRsa ? mechanisms.rsaPkcs : mechanisms.ecdsa, parameter: null, length: 0 },
      key,
    );
    if (always?.[0] === 1) {
      const bytes = Buffer.from(pin, "utf8");
      library.call("login", session, users.contextSpecific, bytes, bytes.length);
    }
    const signature = Buffer.alloc(1024);
    const size: [number] = [signature.length];
    library.call("sign", session, input, input.length, signature, size);
    return signature.subarray(0, size[0]);
  } catch (thrown) {
    throw explain(thrown, "");
  }
}

function end(library: TokenLibrary, session: number): void {
  try {
    library.call("closeSession", session);
    library.call("finalize", null);
  } catch {
    // The token is gone already, and the process ends anyway.
  }
}

function explain(thrown: unknown, label: string): unknown {
  if (!(thrown instanceof TokenError)) return thrown;
  const name = label === "" ? "the token" : `the token ${label}`;
  if (thrown.result === results.pinIncorrect)
    return new TokenProblem(
      "SECRET_WRONG",
      `${name} refused the PIN`,
      "run the command again with the right PIN; three wrong ones lock most cards",
    );
  if (thrown.result === results.pinLocked)
    return new TokenProblem("SECRET_WRONG", `${name} is locked`, "unlock it with its own tool and the PUK");
  return new TokenProblem(
    "KEY_UNAVAILABLE",
    `${name} does not answer: ${thrown.message}`,
    "put the token back, and start pcscd for smart cards",
  );
}

function number(type: number, value: number): Attribute {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return { type, value: bytes };
}

function truth(type: number, value: boolean): Attribute {
  return { type, value: Buffer.from([value ? 1 : 0]) };
}

function text(type: number, value: string): Attribute {
  return { type, value: Buffer.from(value, "utf8") };
}
