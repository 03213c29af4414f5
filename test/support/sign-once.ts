// A process that signs one image once, with a key of its own, and prints the key: one of several who sign at the same moment.
// Usage: node sign-once.ts HOST PATH DIGEST SIZE FORMAT

import { generateKeyPairSync, sign } from "node:crypto";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import { signatureFormats } from "../../src/trust/signature-formats.generated.ts";
import { settingsFor, types } from "./oci-image.ts";

const [host = "", path = "", digest = "", size = "", name = ""] = process.argv.slice(2);
const format = signatureFormats.find((each) => each.name === name);
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const store = openArtifacts(
  parseReference(`${host}/${path}`),
  settingsFor("", { insecureRegistries: [host] }),
  "pull,push",
);
const repository = `registry.example/${path}`;
const subject = { digest, mediaType: types.manifest, size: Number(size), repository, tag: "1" };
const signer = {
  ...{ publicKey, certificates: [], close: async () => undefined },
  sign: async (data: Uint8Array, hash: string) => sign(hash, data, privateKey),
};
await format?.write?.({ subject, predicateType: "", predicate: null }, signer, store);
process.stdout.write(publicKey.export({ type: "spki", format: "pem" }));
