// What every judge is shown: a registry with images, our keys, and our own judgement.

import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { openTrustDesk } from "../../src/admission/trust/trust-desk.ts";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import type { SourceSettings } from "../../src/image/source.ts";
import { readTrustFile } from "../../src/trust/file/read-trust-file.ts";
import type { Statement } from "../../src/trust/signature-format.ts";
import { signatureFormats } from "../../src/trust/signature-formats.generated.ts";
import type { Signer } from "../../src/trust/signer.ts";
import { pushImage, startLoopbackRegistry } from "../support/loopback-registry.ts";
import { makeOciImage, settingsFor, types } from "../support/oci-image.ts";

type Context = {
  readonly after: (work: () => Promise<void>) => void;
  readonly diagnostic?: (message: string) => void;
};

export type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export const newPair = (): Pair => generateKeyPairSync("ec", { namedCurve: "P-256" });
export const pemOf = ({ publicKey }: Pair): string => publicKey.export({ type: "spki", format: "pem" }).toString();

/** @param isAltered what is signed is not what is written */
export function signerOf(
  { publicKey, privateKey }: Pair,
  isAltered = false,
  certificates: readonly string[] = [],
): Signer {
  return {
    ...{ publicKey, certificates, close: async () => undefined },
    sign: async (data, hash) => sign(hash, isAltered ? Buffer.concat([data, Buffer.from(" ")]) : data, privateKey),
  };
}

export const pairOf = (pem: string, publicKey: KeyObject): Pair => ({ privateKey: createPrivateKey(pem), publicKey });

export type Scene = {
  readonly host: string;
  /** A row of the matrix in docs/trust.md, printed. */
  row(program: string, format: string, outcome: string): void;
  /** A new image under this name in the repository `team/app`. @returns `host/team/app:name` */
  image(name: string): Promise<string>;
  /** Our signature. */
  sign(image: string, format: string, signer: Signer, statement?: Partial<Statement>): Promise<void>;
  /** Our verdict, by a trust file with these signers, any of whom suffices. */
  verdict(image: string, signers: object, binds?: "repository" | "any"): Promise<string>;
};

export async function openScene(t: Context): Promise<Scene> {
  const host = await startLoopbackRegistry(t);
  const settings: SourceSettings = settingsFor("", { insecureRegistries: [host] });
  return {
    host,
    row: (program, format, outcome) => t.diagnostic?.(`${program.padEnd(28)} ${format.padEnd(30)} ${outcome}`),
    async image(name) {
      const made = makeOciImage({ config: { created: new Date().toISOString(), author: name } });
      await pushImage(host, "team/app", name, made);
      return `${host}/team/app:${name}`;
    },
    async sign(image, format, signer, statement = {}) {
      const reference = parseReference(image);
      const store = openArtifacts(reference, settings, "pull,push");
      const top = await store.manifest(reference.tag ?? "");
      const digest = top?.digest ?? "";
      const subject = { digest, mediaType: types.manifest, size: top?.bytes.byteLength ?? 0 };
      const full = { ...subject, repository: store.repository, tag: reference.tag ?? "" };
      const writer = signatureFormats.find(({ name }) => name === format);
      await writer?.write?.({ subject: full, predicateType: "", predicate: null, ...statement }, signer, store);
    },
    async verdict(image, signers, binds = "repository") {
      const rules = [{ scope: `${host}/team/app`, require: { anyOf: Object.keys(signers) }, binds }];
      const text = JSON.stringify({ version: "1", signers, rules });
      const file = readTrustFile({ name: "test", text, readFile: (name) => name });
      const counters = { highest: () => 0, remember: () => undefined };
      const desk = openTrustDesk({ file, settings, counters, nowMs: Date.now });
      return (await desk.judge(parseReference(image))).verdict.state;
    },
  };
}
