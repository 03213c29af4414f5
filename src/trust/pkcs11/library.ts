// A token's library, called through its function list. Only what signing needs. Runs in a process of its own: see child.ts.
// Source: OASIS PKCS #11 v2.40, pkcs11t.h and pkcs11f.h (order of functions, constants).

import { createRequire } from "node:module";

type Koffi = typeof import("koffi");

/** Places in CK_FUNCTION_LIST. */
const places = {
  initialize: [0, "void *arguments"],
  finalize: [1, "void *reserved"],
  getSlotList: [4, "uint8_t present, void *list, _Inout_ unsigned long *count"],
  getTokenInfo: [6, "unsigned long slot, void *info"],
  openSession: [
    12,
    "unsigned long slot, unsigned long flags, void *application, void *notify, _Out_ unsigned long *session",
  ],
  closeSession: [13, "unsigned long session"],
  login: [18, "unsigned long session, unsigned long user, void *pin, unsigned long length"],
  getAttributeValue: [
    24,
    "unsigned long session, unsigned long object, _Inout_ CK_ATTRIBUTE *list, unsigned long count",
  ],
  findObjectsInit: [26, "unsigned long session, CK_ATTRIBUTE *list, unsigned long count"],
  findObjects: [27, "unsigned long session, void *objects, unsigned long most, _Out_ unsigned long *count"],
  findObjectsFinal: [28, "unsigned long session"],
  signInit: [42, "unsigned long session, CK_MECHANISM *mechanism, unsigned long key"],
  sign: [43, "unsigned long session, void *data, unsigned long length, void *signature, _Inout_ unsigned long *size"],
  generateKeyPair: [
    59,
    "unsigned long session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public, unsigned long publicCount, CK_ATTRIBUTE *private, unsigned long privateCount, _Out_ unsigned long *publicKey, _Out_ unsigned long *privateKey",
  ],
} as const;

type CallName = keyof typeof places;

/** The token's answer to a call, a CKR_ number other than 0. */
export class TokenError extends Error {
  readonly result: number;

  constructor(call: string, result: number) {
    super(`${call} answered 0x${result.toString(16)}`);
    this.name = "TokenError";
    this.result = result;
  }
}

export type Attribute = { readonly type: number; readonly value: Uint8Array };

export interface TokenLibrary {
  /** @throws TokenError when the result is not CKR_OK */
  call(name: CallName, ...values: readonly unknown[]): void;
  attributes(list: readonly Attribute[]): readonly object[];
  /** The values of one object's attributes; undefined for those that it does not have or does not give away. */
  read(session: number, object: number, types: readonly number[]): readonly (Uint8Array | undefined)[];
}

const pointerBytes = 8;
/** What C_GetAttributeValue writes as length of what it does not tell (CK_UNAVAILABLE_INFORMATION). */
const unavailable = 2n ** 64n - 1n;
const maxValueBytes = 64 * 1024;

/** @throws Error when the file is no library of this kind */
export function loadTokenLibrary(path: string): TokenLibrary {
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const library = koffi.load(path);
  koffi.struct("CK_ATTRIBUTE", { type: "unsigned long", value: "void *", length: "unsigned long" });
  koffi.struct("CK_MECHANISM", { mechanism: "unsigned long", parameter: "void *", length: "unsigned long" });
  const list: [unknown] = [null];
  const result: unknown = library.func("unsigned long C_GetFunctionList(_Out_ void **list)")(list);
  if (result !== 0) throw new TokenError("C_GetFunctionList", Number(result));
  // The version comes first, padded to the size of a pointer.
  const functions: readonly unknown[] = koffi.decode(list[0], pointerBytes, koffi.array("void *", 68));
  const protos = new Map(
    Object.entries(places).map(([name, [place, parameters]]) => [
      name,
      { pointer: functions[place], proto: koffi.proto(`unsigned long plimsoll_${name}(${parameters})`) },
    ]),
  );
  const call: TokenLibrary["call"] = (name, ...values) => {
    const target = protos.get(name);
    if (target === undefined) throw new TypeError(`no function ${name}`);
    const answer: unknown = koffi.call(target.pointer, target.proto, ...values);
    if (answer !== 0) throw new TokenError(name, Number(answer));
  };
  return { call, attributes, read: (session, object, types) => readAttributes(call, session, object, types) };
}

function attributes(list: readonly Attribute[]): readonly object[] {
  return list.map(({ type, value }) => ({ type, value: Buffer.from(value), length: value.byteLength }));
}

/** One attribute a call: a token that lacks one of several may answer for none. */
function readAttributes(
  call: TokenLibrary["call"],
  session: number,
  object: number,
  types: readonly number[],
): readonly (Uint8Array | undefined)[] {
  return types.map((type) => {
    const probe = [{ type, value: null, length: 0 }];
    try {
      call("getAttributeValue", session, object, probe, 1);
      const length = BigInt(probe[0]?.length ?? 0);
      if (length === unavailable || length > BigInt(maxValueBytes)) return undefined;
      const value = Buffer.alloc(Number(length));
      const asked = [{ type, value, length: value.length }];
      call("getAttributeValue", session, object, asked, 1);
      // ykcs11 first tells a length that is enough, and only now the right one.
      return value.subarray(0, Math.min(Number(asked[0]?.length ?? 0), value.length));
    } catch (thrown) {
      if (thrown instanceof TokenError) return undefined;
      throw thrown;
    }
  });
}
