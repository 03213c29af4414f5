// X-Registry-Auth and X-Registry-Config: base64 of JSON that holds credentials. Decoded, checked, written anew.
// Source: moby/moby, api/types/registry (AuthConfig: URL-safe base64); clients also send the plain alphabet.

import { decodeJson, encodeJson } from "../../base/json.ts";
import { credentials } from "../../engine/body-overlay.ts";
import { applyShape } from "./apply-shape.ts";
import { refused, refusedJson } from "./refused.ts";
import { compileSchema } from "./shape.ts";

const shapes = {
  "x-registry-auth": compileSchema(credentials),
  "x-registry-config": compileSchema({ kind: "map", values: credentials }),
} as const;

const maxHeaderBytes = 64 * 1024;

/** @throws Refusal; the message never holds the value */
export function canonicalRegistryHeader(name: keyof typeof shapes, value: string): string {
  const where = `header ${name}`;
  if (value.length > maxHeaderBytes) {
    throw refused({
      code: "LIMIT_EXCEEDED",
      slug: "header",
      status: 431,
      reason: `${where}: ${value.length} bytes, at most ${maxHeaderBytes}`,
      hint: "send less",
    });
  }
  const encoded = value.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const bytes = Buffer.from(encoded, "base64url");
  if (bytes.toString("base64url") !== encoded) {
    throw refused({
      slug: "header",
      reason: `${where}: expected base64`,
      hint: "encode the JSON with URL-safe base64",
    });
  }
  const canonical = encodeJson(applyShape(shapes[name], decodeHeader(where, bytes), { where, unknownFields: "drop" }));
  return padded(Buffer.from(canonical).toString("base64url"));
}

function decodeHeader(where: string, bytes: Uint8Array): ReturnType<typeof decodeJson> {
  try {
    return decodeJson(bytes, { maxBytes: maxHeaderBytes, duplicates: "exact" }) ?? {};
  } catch (thrown) {
    throw refusedJson(where, thrown);
  }
}

/** Go's URLEncoding wants its padding. */
function padded(encoded: string): string {
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, "=");
}
