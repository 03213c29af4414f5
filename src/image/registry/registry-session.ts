// Questions to one repository of one registry, with the token that it asks for: authorized once, asked again after passing
// troubles. Source: distribution docs/spec/auth/token.md.

import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJson } from "../../base/json.ts";
import { textAt } from "../../base/reading.ts";
import type { SourceSettings } from "../source.ts";
import { attempts, checkEncoding, checkStatus, firstPauseMs, isPassing, readWhole } from "./answer.ts";
import { mayKnowCredentials, readChallenge } from "./challenge.ts";
import { type Endpoint, originOf, refused, type Sending, send } from "./send.ts";

export type Repository = {
  readonly endpoint: Endpoint;
  /** `library/busybox` */
  readonly path: string;
  readonly settings: SourceSettings;
};

export type RegistryQuestion = Pick<Sending, "method" | "body"> & {
  readonly headers: Readonly<Record<string, string>>;
};

const maxTokenBytes = 1024 * 1024;

export class RegistrySession {
  readonly #repository: Repository;
  readonly #access: string;
  #authorization = "";

  /** @param access what a token is asked for: `pull`, `pull,push` */
  constructor(repository: Repository, access: "pull" | "pull,push") {
    this.#repository = repository;
    this.#access = access;
  }

  /**
   * @param place below the repository (`manifests/latest`), or a whole address that the registry gave
   * @throws PlimsollError REGISTRY_UNREACHABLE, REGISTRY_REFUSED, LIMIT_EXCEEDED
   */
  async ask(place: string | URL, question: RegistryQuestion): Promise<IncomingMessage> {
    const { endpoint, settings } = this.#repository;
    const url = this.addressOf(place);
    let hasAuthorized = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send(url, { endpoint, ...question, authorization: this.#authorization, settings });
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

  addressOf(place: string | URL): URL {
    const { endpoint, path } = this.#repository;
    return typeof place === "string" ? new URL(`${originOf(endpoint)}/v2/${path}/${place}`) : place;
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
    url.searchParams.set("scope", `repository:${path}:${this.#access}`);
    const isKnown = mayKnowCredentials(endpoint.host, url.host);
    // A token server that is known to belong to this registry is an endpoint of its own: only it gets the credentials.
    const tokenEndpoint = isKnown && url.host !== endpoint.host ? { host: url.host, isInsecure: false } : endpoint;
    const authorization = isKnown ? basic : "";
    const answer = await send(url, { endpoint: tokenEndpoint, headers: {}, authorization, settings });
    checkStatus(answer, [200]);
    const found = decodeJson(await readWhole(answer, maxTokenBytes), { duplicates: "exact" });
    const token = textAt(found, "token") || textAt(found, "access_token");
    if (!/^[\x21-\x7e]{1,65536}$/.test(token)) throw refused("a token server's answer without a token");
    return token;
  }
}
