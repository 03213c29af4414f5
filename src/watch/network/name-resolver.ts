// What a name stands for, asked by the watch itself: what a container is answered, and by whom, plays no part in it.
// Source: RFC 1035; node:dns, Resolver (c-ares: follows CNAME, asks again over TCP, ids and ports are random).

import { Resolver } from "node:dns/promises";
import { errorText } from "../../base/errors.ts";
import { fieldAt } from "../../base/reading.ts";

export type NameAnswer = {
  /** Empty: there is no such name, or it has none. */
  readonly addresses: readonly string[];
  readonly ttlMs: number;
};

/** @throws Error when nobody gives an answer */
export type AskName = (name: string) => Promise<NameAnswer>;

const timeoutMs = 1_000;
const tries = 2;
/** There is no such name; it has no address of this family. */
const nothing: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA"]);
const nothingTtlSeconds = 30;

/** @param servers `10.0.0.53`, `[::1]:5353`; empty: those of this host, read anew for each question */
export function askResolver(servers: readonly string[]): AskName {
  return async (name) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries });
    if (servers.length > 0) resolver.setServers(servers);
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(name, { ttl: true }),
      resolver.resolve6(name, { ttl: true }),
    ]);
    const found = [four, six].flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    const failed = [four, six].find((each) => each.status === "rejected" && !isNothing(each.reason));
    if (found.length === 0 && failed?.status === "rejected") throw new Error(errorText(failed.reason));
    const ttlSeconds = Math.min(...found.map(({ ttl }) => ttl), ...(found.length === 0 ? [nothingTtlSeconds] : []));
    return { addresses: found.map(({ address }) => address), ttlMs: ttlSeconds * 1000 };
  };
}

function isNothing(reason: unknown): boolean {
  return nothing.has(fieldAt(reason, "code") ?? (reason instanceof Error && "code" in reason ? reason.code : ""));
}
