// A registry on loopback, images in it that somebody signed or did not, a real engine, and a gate with a trust file before it.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReference } from "../../src/base/reference.ts";
import { openArtifacts } from "../../src/image/registry/artifacts.ts";
import type { Statement } from "../../src/trust/signature-format.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { tagRecordType } from "../../src/trust/tag-record.ts";
import { newPair, type Pair, pemOf, signerOf } from "../judges/scene.ts";
import { startEngine, type TestEngine } from "./engine.ts";
import { type GateOptions, startGate, type TestGate } from "./gate.ts";
import { type Reply, request } from "./http.ts";
import { busyboxFiles } from "./images.ts";
import { pushImage, pushManifest, startLoopbackRegistry } from "./loopback-registry.ts";
import { type MadeImage, makeOciImage, settingsFor, types } from "./oci-image.ts";
import { type TarFile, tar } from "./tar.ts";

type Context = { readonly after: (work: () => Promise<void> | void) => void };

export type TrustScene = {
  readonly engine: TestEngine;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The signer `release` of every trust file. */
  readonly release: Pair;
  /** Pushes the image to `app`. @returns its full name */
  push(tag: string, image: MadeImage, path?: string): Promise<string>;
  pushManifest(reference: string, bytes: Buffer, type: string, path?: string): Promise<void>;
  sign(image: Signed, more?: Partial<Statement>, by?: Pair, path?: string): Promise<void>;
  /** A note of this number that the tag is this image, for a day from now. */
  record(image: MadeImage, tag: string, counter: number): Promise<void>;
  /** A gate that enforces a trust file with these keys beside a rule for `app` and the signer `release`. */
  gate(file?: object, options?: GateOptions): Promise<TestGate>;
};

export type Signed = { readonly manifest: { readonly digest: string; readonly bytes: Buffer } };

/** @param host another registry than Debian's */
export async function openTrustScene(t: Context, host?: string): Promise<TrustScene> {
  const engine = await startEngine({ sharesNetwork: true });
  t.after(() => engine.close());
  const registry = host ?? (await startLoopbackRegistry(t));
  const release = newPair();
  const settings = settingsFor("", { insecureRegistries: [registry] });
  const sign: TrustScene["sign"] = async ({ manifest }, more = {}, by = release, path = "app") => {
    const repository = `${registry}/${path}`;
    const store = openArtifacts(parseReference(repository), settings, "pull,push");
    const mediaType = more.subject?.mediaType ?? types.manifest;
    const subject = { digest: manifest.digest, mediaType, size: manifest.bytes.length, repository, tag: "" };
    await sigstoreBundle.write?.({ subject, predicateType: "", predicate: null, ...more }, signerOf(by), store);
  };
  return {
    ...{ engine, host: registry, release, sign },
    async push(tag, image, path = "app") {
      await pushImage(registry, path, tag, image);
      return `${registry}/${path}:${tag}`;
    },
    pushManifest: (reference, bytes, type, path = "app") => pushManifest(registry, path, reference, bytes, type),
    async record(image, tag, counter) {
      const issued = new Date().toISOString();
      const expires = new Date(Date.now() + 86_400_000).toISOString();
      const predicate = { repository: `${registry}/app`, tag, counter, issued, expires };
      await sign(image, { predicateType: tagRecordType, predicate });
    },
    gate: (file = {}, options = {}) => startTrustingGate(engine, registry, release, file, options),
  };
}

/** Tests' registries are on loopback. */
export const labPolicy = `@id("lab") permit (principal, action == Action::"grant", resource == Grant::"registry.private");\n`;

export function trustFileText(host: string, release: Pair, more: object): string {
  const rules = [{ scope: `${host}/app`, require: { anyOf: ["release"] } }];
  return JSON.stringify({ version: "1", signers: { release: { key: pemOf(release) } }, rules, ...more });
}

function startTrustingGate(
  engine: TestEngine,
  host: string,
  release: Pair,
  file: object,
  options: GateOptions,
): Promise<TestGate> {
  const text = trustFileText(host, release, file);
  const { configuration = {}, files = {}, policies = ["baseline"], ...rest } = options;
  return startGate(engine, {
    ...rest,
    policies: [...policies, "$FOLDER/lab.cedar"],
    files: { "trust.yaml": text, "lab.cedar": labPolicy, ...files },
    configuration: {
      admission: { enabled: "no", trustFile: "$FOLDER/trust.yaml", insecureRegistries: [host] },
      ...configuration,
    },
  });
}

/** Busybox with a file that tells one image from another. */
export async function runnableImage(mark: string, files: readonly TarFile[] = []): Promise<MadeImage> {
  const layer = tar([...(await busyboxFiles()), { name: "mark", data: mark }, ...files]);
  return makeOciImage({ tars: [layer], config: { created: "2026-01-02T03:04:05Z", author: mark } });
}

export function pull(socket: string, name: string, more = "", timeoutMs = 60_000): Promise<Reply> {
  const colon = name.lastIndexOf(":");
  const [image, tag] = name.includes("@") ? [name, ""] : [name.slice(0, colon), name.slice(colon + 1)];
  const query = new URLSearchParams({ fromImage: image, ...(tag === "" ? {} : { tag }) });
  return request(socket, "POST", `/images/create?${query}${more}`, { timeoutMs });
}

export function create(socket: string, image: string, more: object = {}): Promise<Reply> {
  const body = { Image: image, Cmd: ["cat", "/mark"], ...more };
  return request(socket, "POST", "/containers/create", { body, timeoutMs: 60_000 });
}

/** A folder that is gone after the test, which every user may enter. */
export function openFolder(t: Context): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-trust-"));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function replaceFile(file: string, text: string): void {
  writeFileSync(file, text);
}
