// A registry on loopback that serves what no honest one would: documents as they were put there, signatures under any digest, and
// answers that a test makes up.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Statement } from "../../src/trust/signature-format.ts";
import { sigstoreBundle } from "../../src/trust/signature-formats/sigstore-bundle.ts";
import { type Pair, signerOf } from "../judges/scene.ts";
import { type MemoryStore, memoryStore } from "../trust/memory-store.ts";
import { type Blob, type MadeImage, types } from "./oci-image.ts";

/** @returns true when the question was answered */
export type Misbehave = (request: IncomingMessage, response: ServerResponse, place: string) => boolean;

export type HostileRepository = {
  readonly name: string;
  readonly store: MemoryStore;
  /** An image, under its digest and the tag. */
  push(image: MadeImage, tag?: string): void;
  /** A document as it is, under its digest and the tag. */
  serve(blob: Blob, type: string, tag?: string): void;
  sign(by: Pair, blob: Blob, more?: Partial<Statement>, type?: string): Promise<void>;
  /** Hangs on the blob's digest what some writer puts there. */
  attach(blob: Blob, write: (store: MemoryStore) => Promise<unknown>): Promise<void>;
  misbehave: Misbehave;
};

export type HostileRegistry = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly requests: { readonly line: string; readonly authorization: string }[];
  repository(path: string): HostileRepository;
  /** The answer to `/v2/`, by which engines learn whom to ask for a token; "" for none. */
  challenge: string;
};

type Context = { readonly after: (work: () => Promise<void>) => void };

export async function startHostileRegistry(t: Context): Promise<HostileRegistry> {
  const repositories = new Map<string, HostileRepository>();
  const requests: HostileRegistry["requests"] = [];
  const registry = {
    ...{ host: "", requests, challenge: "" },
    repository(path: string): HostileRepository {
      const repository = repositories.get(path) ?? newRepository(`${registry.host}/${path}`);
      repositories.set(path, repository);
      return repository;
    },
  };
  const server = createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization ?? "" });
    const [, path = "", place = ""] =
      /^\/v2\/(.+?)\/((?:manifests|blobs|referrers)\/.+)$/.exec(request.url ?? "") ?? [];
    const repository = repositories.get(path);
    if (request.url === "/v2/" && registry.challenge === "") return void response.writeHead(200).end("{}");
    if (request.url === "/v2/") return void response.writeHead(401, { "WWW-Authenticate": registry.challenge }).end();
    if (repository === undefined) return void response.writeHead(404).end();
    if (!repository.misbehave(request, response, place)) answer(repository.store, place, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  registry.host = host;
  return registry;
}

function newRepository(name: string): HostileRepository {
  const store = memoryStore(name);
  const serve: HostileRepository["serve"] = ({ bytes, digest }, mediaType, tag = "1") => {
    for (const reference of [digest, tag]) store.manifests.set(reference, { digest, mediaType, bytes });
  };
  return {
    ...{ name, store, serve, misbehave: () => false },
    push(image, tag = "1") {
      for (const { digest, bytes } of image.blobs) store.blobs.set(digest, bytes);
      serve(image.manifest, types.manifest, tag);
    },
    async sign(by, { digest, bytes }, more = {}, mediaType = types.manifest) {
      const subject = { digest, mediaType, size: bytes.length, repository: name, tag: "" };
      await this.attach({ digest, bytes }, async () =>
        sigstoreBundle.write?.({ subject, predicateType: "", predicate: null, ...more }, signerOf(by), store),
      );
    },
    async attach({ digest }, write) {
      const before = new Set(store.manifests.keys());
      await write(store);
      tagFallback(store, digest, before);
    },
  };
}

/** Referrers are found by the fallback tag alone: the API is not there. */
function tagFallback(store: MemoryStore, digest: string, before: ReadonlySet<string>): void {
  const made = [...store.manifests].filter(([reference]) => !before.has(reference) && reference.startsWith("sha256:"));
  const tag = digest.replace(":", "-");
  const known = store.manifests.get(tag);
  const entries = known === undefined ? [] : JSON.parse(Buffer.from(known.bytes).toString()).manifests;
  const added = made.map(([, artifact]) => ({
    mediaType: artifact.mediaType,
    digest: artifact.digest,
    size: artifact.bytes.byteLength,
    artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
  }));
  listReferrers(store, digest, [...entries, ...added]);
}

export function listReferrers(store: MemoryStore, digest: string, manifests: readonly object[]): void {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests }));
  store.manifests.set(digest.replace(":", "-"), { digest: "", mediaType: types.index, bytes });
}

function answer(store: MemoryStore, place: string, request: IncomingMessage, response: ServerResponse): void {
  const [kind = "", reference = ""] = place.split("/");
  const manifest = kind === "manifests" ? store.manifests.get(reference) : undefined;
  const bytes = manifest?.bytes ?? (kind === "blobs" ? store.blobs.get(reference) : undefined);
  if (bytes === undefined) return void response.writeHead(404).end();
  const digest = manifest === undefined ? {} : { "Docker-Content-Digest": manifest.digest };
  const type = { "Content-Type": manifest?.mediaType ?? "application/octet-stream" };
  response.writeHead(200, { ...type, ...digest, "Content-Length": bytes.byteLength });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
