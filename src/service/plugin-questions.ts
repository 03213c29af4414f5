// Plimsoll as the engine's authorization plugin is asked about its own requests, too: the small ones with which it looks
// things up, and those that it forwards for callers it has judged. It knows them by a secret that it sends along, so
// that no question waits for its own answer.

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { RequestHead } from "../gate/call.ts";
import type { Exchange } from "../gate/exchange.ts";

export type PluginQuestions = {
  /** What goes with every request of ours to the engine. */
  readonly headers: Readonly<Record<string, string>>;
  /** Answers our own questions, lets the engine be described before there is a gate, and hands everything else on. */
  answer(exchange: Exchange): Promise<void>;
  /** From now on questions are judged; until then they wait. */
  ready(serve: (exchange: Exchange) => Promise<void>): void;
};

const headerName = "plimsoll-self";
/** What tells who the engine is, and nothing about its callers' things. */
const introductions: ReadonlySet<string> = new Set(["GET /_ping", "HEAD /_ping", "GET /version", "GET /info"]);

export function createPluginQuestions(): PluginQuestions {
  const secret = randomBytes(32).toString("hex");
  const { promise, resolve } = Promise.withResolvers<(exchange: Exchange) => Promise<void>>();
  let isReady = false;
  return {
    headers: { [headerName]: secret },
    async answer(exchange) {
      const { head } = exchange;
      const isIntroduction = !isReady && introductions.has(`${head.method} ${head.target}`);
      if (isIntroduction || isOurs(head, secret)) await exchange.forwardUntouched(async () => undefined);
      else await (await promise)(exchange);
    },
    ready(serve) {
      isReady = true;
      resolve(serve);
    },
  };
}

function isOurs({ rawHeaders }: RequestHead, secret: string): boolean {
  const at = rawHeaders.findIndex((word, index) => index % 2 === 0 && word.toLowerCase() === headerName);
  const given = Buffer.from(rawHeaders[at + 1] ?? "");
  const expected = Buffer.from(secret);
  return at >= 0 && given.length === expected.length && timingSafeEqual(given, expected);
}
