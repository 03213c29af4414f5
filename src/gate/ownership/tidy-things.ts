// Tags, images and volumes that were removed around the gate are nobody's: their claims go once the engine says that they
// are not there. What a call is making at this moment stays claimed, though the engine does not list it yet.

import { listAt, textAt, textsAt } from "../../base/reading.ts";
import { canonicalTag } from "../../base/reference.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { LedgerKind, OwnershipLedger } from "../../model/ledger.ts";

export type ThingTidy = {
  /** The same ledger; claims that are made through it while the engine is asked are kept. */
  readonly ledger: OwnershipLedger;
  /** These tags stay claimed until the returned function is called. */
  hold(tags: readonly string[]): () => void;
  /** Another engine may listen at the socket now. */
  reset(): void;
  tidy(): Promise<void>;
};

export function createThingTidy(client: EngineClient, ledger: OwnershipLedger): ThingTidy {
  const held = new Map<string, number>();
  /** Claims made while the engine is asked. */
  let touched: Set<string> | undefined;
  let isOurs: boolean | undefined;

  const isHeld = (kind: LedgerKind, id: string): boolean =>
    touched?.has(`${kind} ${id}`) || (kind === "tag" && held.has(id));

  const releaseLost = async (
    kind: "tag" | "image" | "volume" | "profile",
    present: ReadonlySet<string>,
  ): Promise<void> => {
    // An engine that has lost everything may get it back: its disk is not mounted.
    if (present.size === 0) return;
    for (const id of ledger.ids(kind)) {
      if (present.has(id) || isHeld(kind, id)) continue;
      const path = kind === "volume" ? `/volumes/${encodeURIComponent(id)}` : `/images/${encodeURI(id)}/json`;
      if ((await client.get(path)) === undefined && !isHeld(kind, id)) ledger.release(kind, id);
    }
  };

  return {
    ledger: {
      ...ledger,
      claim(kind, id, owner) {
        touched?.add(`${kind} ${id}`);
        ledger.claim(kind, id, owner);
      },
    },
    hold(tags) {
      for (const tag of tags) {
        touched?.add(`tag ${tag}`);
        held.set(tag, (held.get(tag) ?? 0) + 1);
      }
      return () => {
        for (const tag of tags) letGo(held, tag);
      };
    },
    reset() {
      isOurs = undefined;
    },
    async tidy() {
      isOurs ??= await isEngineOf(ledger, client);
      if (!isOurs) return;
      touched = new Set();
      const images = listAt({ list: await client.get("/images/json?all=1") }, "list");
      const tags = images.flatMap((image) => textsAt(image, "RepoTags")).map(canonicalTag);
      await releaseLost("tag", new Set(tags.filter((tag) => tag !== undefined)));
      const ids = new Set(images.map((image) => textAt(image, "Id")));
      await releaseLost("image", ids);
      await releaseLost("profile", ids);
      const volumes = listAt(await client.get("/volumes"), "Volumes");
      await releaseLost("volume", new Set(volumes.map((volume) => textAt(volume, "Name"))));
      touched = undefined;
    },
  };
}

function letGo(held: Map<string, number>, tag: string): void {
  const left = (held.get(tag) ?? 0) - 1;
  if (left > 0) held.set(tag, left);
  else held.delete(tag);
}

/** Of another engine nothing can be told: what it lacks may be there again when the first one is back. */
async function isEngineOf(ledger: OwnershipLedger, client: EngineClient): Promise<boolean> {
  const name = await nameEngine(client);
  const known = ledger.owners("engine", "first")[0];
  if (known === undefined) ledger.claim("engine", "first", name);
  return known === undefined || known === name;
}

/** Podman invents an id with every answer, so only one that stays counts. */
async function nameEngine(client: EngineClient): Promise<string> {
  const [one, other] = [await client.get("/info"), await client.get("/info")];
  const id = textAt(one, "ID");
  return `${id === textAt(other, "ID") ? id : ""} ${textAt(one, "DockerRootDir")}`;
}
