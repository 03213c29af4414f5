// One key under several names would reach a threshold alone: a root that lists a key twice for one role is not used.
// Source: TUF specification v1.0.33, section 4.3; tuf-conformance, test_duplicate_keys_root. The library counts names.

import { createPublicKey } from "node:crypto";
import { PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { array, decode, object, record, string } from "../../base/schema.ts";
import { keyId } from "../key-id.ts";

/** As much as the library reads of one root. */
export const maxRootBytes = 512 * 1024;

const shape = object({
  signed: object({
    keys: record(object({ keyval: object({ public: string }) })),
    roles: record(object({ keyids: array(string) })),
  }),
});

/** @throws PlimsollError SIGNATURE_INVALID */
export function checkDistinctKeys(root: Uint8Array): void {
  const value = decodeJson(root, { maxBytes: maxRootBytes, duplicates: "exact" });
  const { keys, roles } = decode(shape, value, { code: "SIGNATURE_INVALID", where: "TUF root" }).signed;
  for (const [role, { keyids }] of Object.entries(roles)) {
    const values = keyids.map((name) => nameOf(keys[name]?.keyval.public ?? name));
    if (new Set(values).size === values.length) continue;
    throw new PlimsollError("SIGNATURE_INVALID", `TUF root: one key stands under several names for the role ${role}`, {
      hint: "do not use it; ask whoever runs the repository",
    });
  }
}

/** The same for every spelling of a key. */
function nameOf(text: string): string {
  try {
    return keyId(createPublicKey(text));
  } catch {
    return text.replaceAll(/\s/g, "").toLowerCase(); // Ed25519 keys stand there in hex
  }
}
