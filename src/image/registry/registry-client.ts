// Pulling from one registry: manifests and blobs of one repository, with the token that it asks for.
// Source: OCI distribution-spec v1.1.0, "Pull"; distribution docs/spec/auth/token.md.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { mismatch } from "../documents/digest.ts";
import { indexTypes, manifestTypes } from "../documents/manifest.ts";
import { attempts, checkStatus, dropped, firstPauseMs, readWhole } from "./answer.ts";
import { RegistrySession, type Repository } from "./registry-session.ts";
import { asUnreachable, refused } from "./send.ts";

export type FetchedManifest = { readonly bytes: Buffer; readonly mediaType: string };

export class RegistryClient {
  readonly #repository: Repository;
  readonly #session: RegistrySession;

  constructor(repository: Repository) {
    this.#repository = repository;
    this.#session = new RegistrySession(repository, "pull");
  }

  /** @param reference tag or digest @returns undefined when there is none */
  async manifest(reference: string): Promise<FetchedManifest | undefined> {
    const { maxManifestBytes } = this.#repository.settings.limits;
    const headers = { Accept: [...manifestTypes, ...indexTypes].join(", ") };
    const answer = await this.#session.ask(`manifests/${reference}`, { headers });
    if (answer.statusCode === 404) return dropped(answer);
    checkStatus(answer, [200]);
    const mediaType = (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (mediaType === "") throw dropped(answer) ?? refused("a manifest without a media type");
    return { bytes: await readWhole(answer, maxManifestBytes), mediaType };
  }

  /** A small blob. @throws PlimsollError DIGEST_MISMATCH at the first byte beyond the size */
  async blob(digest: string, size: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.#pieces(digest, size)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** A layer, resumed where a connection broke off; its reader checks the digest. */
  stream(digest: string, size: number): Readable {
    return Readable.from(this.#pieces(digest, size), { objectMode: false });
  }

  async *#pieces(digest: string, size: number): AsyncGenerator<Buffer> {
    let at = 0;
    for (let attempt = 1; at < size; attempt += 1) {
      try {
        for await (const piece of await this.#blobFrom(digest, at)) {
          if (!(piece instanceof Uint8Array)) continue;
          at += piece.length;
          if (at > size) throw mismatch("size of a blob", `${size} bytes`, "more");
          yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        }
        if (at < size) throw mismatch("size of a blob", `${size} bytes`, `${at} bytes`);
      } catch (cause) {
        const error = asUnreachable(this.#repository.endpoint.host, cause);
        if (attempt >= attempts || error.code !== "REGISTRY_UNREACHABLE") throw error;
        await sleep(firstPauseMs * 2 ** attempt, undefined, { signal: this.#repository.settings.signal });
      }
    }
  }

  async #blobFrom(digest: string, at: number): Promise<IncomingMessage> {
    const headers: Readonly<Record<string, string>> = at === 0 ? {} : { Range: `bytes=${at}-` };
    const answer = await this.#session.ask(`blobs/${digest}`, { headers });
    checkStatus(answer, [at === 0 ? 200 : 206]);
    const range = answer.headers["content-range"];
    if (at > 0 && !range?.startsWith(`bytes ${at}-`))
      throw dropped(answer) ?? refused("another part of a blob than was asked for");
    return answer;
  }
}
