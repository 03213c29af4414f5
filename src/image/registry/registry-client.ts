// Pulling from one registry: manifests and blobs of one repository, with the token that it asks for.
// Source: OCI distribution-spec v1.1.0, "Pull"; distribution docs/spec/auth/token.md.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { limitExceeded, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import { mismatch } from "../documents/digest.ts";
import { indexTypes, manifestTypes } from "../documents/manifest.ts";
import type { SourceSettings } from "../source.ts";
import { mayKnowCredentials, readChallenge } from "./challenge.ts";
import { type Endpoint, originOf, refused, send } from "./send.ts";

export type Repository = {
  readonly endpoint: Endpoint;
  /** `library/busybox` */
  readonly path: string;
  readonly settings: SourceSettings;
};

export type FetchedManifest = { readonly bytes: Buffer; readonly mediaType: string };

const maxTokenBytes = 1024 * 1024;
const attempts = 3;
const firstPauseMs = 250;

export class RegistryClient {
  readonly #repository: Repository;
  #authorization = "";

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** @param reference tag or digest @returns undefined when there is none */
  async manifest(reference: string): Promise<FetchedManifest | undefined> {
    const { maxManifestBytes } = this.#repository.settings.limits;
    const headers = { Accept: [...manifestTypes, ...indexTypes].join(", ") };
    const answer = await this.#get(`manifests/${reference}`, headers);
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
        if (at < size && attempt >= attempts) throw mismatch("size of a blob", `${size} bytes`, `${at} bytes`);
      } catch (error) {
        if (attempt >= attempts || (error instanceof PlimsollError && error.code !== "REGISTRY_UNREACHABLE"))
          throw error;
        await sleep(firstPauseMs * 2 ** attempt, undefined, { signal: this.#repository.settings.signal });
      }
    }
  }

  async #blobFrom(digest: string, at: number): Promise<IncomingMessage> {
    const answer = await this.#get(`blobs/${digest}`, at === 0 ? {} : { Range: `bytes=${at}-` });
    checkStatus(answer, [at === 0 ? 200 : 206]);
    const range = answer.headers["content-range"];
    if (at > 0 && !range?.startsWith(`bytes ${at}-`))
      throw dropped(answer) ?? refused("another part of a blob than was asked for");
    return answer;
  }

  /** Asks again after 401 (with what the registry wants) and after passing troubles. */
  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
    const { endpoint, settings } = this.#repository;
    const url = new URL(`${originOf(endpoint)}/v2/${this.#repository.path}/${path}`);
    let hasAuthorized = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send(url, { endpoint, headers, authorization: this.#authorization, settings });
      if (answer.statusCode === 401 && !hasAuthorized) {
        hasAuthorized = true;
        answer.destroy();
        this.#authorization = await this.#authorize(answer.headers["www-authenticate"] ?? "");
      } else if (isPassing(answer.statusCode) && attempt < attempts) {
        answer.destroy();
        await sleep(firstPauseMs * 2 ** attempt, undefined, { signal: settings.signal });
      } else {
        checkEncoding(answer);
        return answer;
      }
    }
  }

  async #authorize(header: string): Promise<string> {
    const { endpoint, settings } = this.#repository;
    const challenge = readChallenge(header);
    if (challenge === undefined) throw refused("asks for credentials in a way that is not known");
    const credentials = await settings.credentials(endpoint.host);
    const basic =
      credentials === undefined
        ? ""
        : `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
    if (challenge.kind === "bearer") return `Bearer ${await this.#token(challenge.realm, challenge.service, basic)}`;
    if (basic === "") throw refused(`${endpoint.host} wants credentials, and there are none`);
    return basic;
  }

  async #token(realm: string, service: string, basic: string): Promise<string> {
    const { endpoint, path, settings } = this.#repository;
    const url = URL.parse(realm);
    if (url === null) throw refused(`names a token server ${JSON.stringify(realm.slice(0, 200))}`);
    url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${path}:pull`);
    const isKnown = mayKnowCredentials(endpoint.host, url.host);
    // A token server that is known to belong to this registry is an endpoint of its own: only it gets the credentials.
    const tokenEndpoint = isKnown && url.host !== endpoint.host ? { host: url.host, isInsecure: false } : endpoint;
    const answer = await send(url, {
      endpoint: tokenEndpoint,
      headers: {},
      authorization: isKnown ? basic : "",
      settings,
    });
    checkStatus(answer, [200]);
    const found = decodeJson(await readWhole(answer, maxTokenBytes), { duplicates: "exact" });
    const token = textAt(found, "token") || textAt(found, "access_token");
    if (!/^[\x21-\x7e]{1,65536}$/.test(token)) throw refused("a token server's answer without a token");
    return token;
  }
}

function isPassing(status: number | undefined): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Compressed once more on its way: the bytes would not be those of the digest. */
function checkEncoding(answer: IncomingMessage): void {
  const encoding = answer.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw dropped(answer) ?? refused(`an answer in the encoding ${encoding.slice(0, 40)}`);
}

function checkStatus(answer: IncomingMessage, expected: readonly number[]): void {
  if (expected.includes(answer.statusCode ?? 0)) return;
  throw dropped(answer) ?? refused(`answers with ${answer.statusCode}`);
}

function dropped(answer: IncomingMessage): undefined {
  answer.destroy();
  return undefined;
}

async function readWhole(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer) {
    if (!(piece instanceof Uint8Array)) continue;
    length += piece.length;
    if (length > maxBytes)
      throw dropped(answer) ?? limitExceeded("registry", `an answer of more than ${maxBytes} bytes`);
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}
