// Numbers of PKCS #11 that we use. Source: OASIS PKCS #11 v2.40, pkcs11t.h.

export const sessionFlags = { serial: 4, readWrite: 2 } as const;
export const tokenFlags = { loginRequired: 0x4, finalTry: 0x2_0000, locked: 0x4_0000 } as const;
export const users = { user: 1, contextSpecific: 2 } as const;
export const classes = { certificate: 1, publicKey: 2, privateKey: 3 } as const;
export const keyTypes = { rsa: 0, ec: 3 } as const;
export const mechanisms = { rsaPkcs: 0x1, ecKeyPairGen: 0x1040, ecdsa: 0x1041 } as const;

export const attributeTypes = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  value: 0x11,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  sign: 0x108,
  verify: 0x10a,
  modulus: 0x120,
  publicExponent: 0x122,
  extractable: 0x162,
  ecParams: 0x180,
  ecPoint: 0x181,
  alwaysAuthenticate: 0x202,
} as const;

export const results = {
  deviceError: 0x30,
  deviceRemoved: 0x32,
  pinIncorrect: 0xa0,
  pinLocked: 0xa4,
  tokenNotPresent: 0xe0,
  alreadyLoggedIn: 0x100,
} as const;
