// Puts names together with those who know them: the resolver for names with a dot, the engine for neighbours.

import type { EngineClient } from "../../engine/engine.ts";
import type { ContainerProtection } from "../../model/watch.ts";
import { createEngineNames } from "./engine-names.ts";
import { createNameBook, type NameBook } from "./name-book.ts";
import { type AskName, askResolver, type NameAnswer } from "./name-resolver.ts";
import { createNamedPermits, type NamedPermits } from "./named-permits.ts";
import { hostAddresses, isWithin, mayNameLeadTo, type Net } from "./never-by-name.ts";

export type OpenNamedPermits = NamedPermits & { readonly book: NameBook; close(): void };

export type NamedPermitsParts = {
  readonly engine: EngineClient;
  /** Empty: those of this host. */
  readonly nameServers: readonly string[];
  apply(containerId: string, protection: ContainerProtection): void;
  release(containerId: string, timeMs: number): void;
  notice(text: string): void;
  nowMs(): number;
};

/** Containers come and go: what the engine says of them is old soon. */
const neighbourTtlMs = 5_000;

export function openNamedPermits({ engine, nameServers, ...parts }: NamedPermitsParts): OpenNamedPermits {
  const names = createEngineNames(engine);
  const askServers = askResolver(nameServers);
  const ask: AskName = async (key) => {
    const [name = "", containerId] = key.split(" ");
    if (containerId !== undefined) {
      return { addresses: await names.addressesFor(containerId, name), ttlMs: neighbourTtlMs };
    }
    const [answer, nets] = await Promise.all([askServers(name), names.nets()]);
    return allowed(name, answer, nets, parts.notice);
  };
  const book = createNameBook({ ask, onChange: (key) => permits.changed(key), ...parts });
  const permits = createNamedPermits({ book, ...parts });
  return { ...permits, book, close: () => book.close() };
}

/** A neighbour is reached by its own name, or by its address: no name of the outside leads to it. */
function allowed(
  name: string,
  { addresses, ttlMs }: NameAnswer,
  containers: readonly Net[],
  notice: (text: string) => void,
): NameAnswer {
  const own = hostAddresses();
  const isAllowed = (address: string): boolean => mayNameLeadTo(address, own) && !isWithin(address, containers);
  const refused = addresses.filter((address) => !isAllowed(address));
  if (refused.length > 0) {
    notice(`${name} is said to be ${refused.slice(0, 4).join(", ")}: no name leads there, only the address itself`);
  }
  return { addresses: addresses.filter(isAllowed), ttlMs };
}
