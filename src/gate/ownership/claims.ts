// What cannot carry a label is written into the ledger: tags before the engine is asked, so that two callers never make the
// same one, images and execs when the engine has named them and before the caller hears of it.

import { fieldsAt, listAt, textAt } from "../../base/reading.ts";
import type { OwnershipLedger } from "../../model/ledger.ts";
import type { Principal } from "../../model/principal.ts";
import type { PinnedCall, Reference, ResponsePlan } from "../call.ts";
import { ownerOfImage } from "../references/image-owner.ts";
import type { Lookup } from "../references/lookup.ts";
import { type Heard, hear, hearPlain, listening, nothingHeard } from "./heard.ts";

export type Claims = {
  /** The plan, listening to what the engine says was made. */
  watching(plan: ResponsePlan): ResponsePlan;
  /** When the engine has answered, before the caller sees the end. @param status 0 when there was no answer */
  settle(status: number): Promise<void>;
  /** Settles what was never answered: an upload that was refused on its way gives its tags back. */
  end(): Promise<void>;
};

export function claimsAfter(pinned: PinnedCall, principal: Principal, lookup: Lookup): Claims {
  if (pinned.call.route.method === "GET" || pinned.call.route.method === "HEAD") return noClaims;
  const heard = nothingHeard();
  const tags = pinned.references.filter(({ role }) => role === "tag");
  const letGo = tags.length === 0 ? undefined : lookup.hold(tags.map(({ name }) => name));
  const reserved = reserveTags(tags, principal.owner, lookup.ledger);
  announce(pinned, principal.owner, lookup);
  let isSettled = false;
  return {
    watching: (plan) => listenTo(plan, pinned, heard),
    async settle(status) {
      isSettled = true;
      lookup.forget(pinned.call.route.action);
      const isSuccess = status >= 200 && status < 300;
      const settling: Settling = { pinned, owner: principal.owner, lookup, heard };
      try {
        if (tags.length > 0) await settleTags(settling, tags, reserved);
        if (isSuccess) await settleMade(settling);
        if (isSuccess) settleRemoved(settling);
      } finally {
        letGo?.();
      }
    },
    async end() {
      // With the engine away the tags stay claimed: they are let go when it is back and does not have them.
      if (!isSettled) await this.settle(0).catch(() => undefined);
    },
  };
}

/** Who only asks makes nothing, takes nothing away and changes no names. */
const noClaims: Claims = {
  watching: (plan) => plan,
  settle: async () => undefined,
  end: async () => undefined,
};

/** The engine tells of new networks and volumes before it answers the call that makes them. */
function announce({ call }: PinnedCall, owner: string, lookup: Lookup): void {
  const name = call.body.kind === "json" ? textAt(call.body.value, "Name") : "";
  if (name === "") return;
  if (call.route.action === "network.create") lookup.note("network", name, { owner, isShared: false });
  if (call.route.action === "volume.create" && lookup.seen("volume", name) === undefined) {
    lookup.note("volume", name, { owner, isShared: false });
  }
}

type Settling = {
  readonly pinned: PinnedCall;
  readonly owner: string;
  readonly lookup: Lookup;
  readonly heard: Heard;
};

/** @returns the tags that this call claimed and may have to give back */
function reserveTags(tags: readonly Reference[], owner: string, ledger: OwnershipLedger): readonly string[] {
  // A tag that is there and nobody's, refreshed from its registry, stays everybody's.
  const wanted = tags.filter(({ exists, owner: owned, isShared }) => !(exists && isShared && owned === ""));
  const added = wanted.map(({ name }) => name).filter((tag) => !ledger.owners("tag", tag).includes(owner));
  for (const tag of added) ledger.claim("tag", tag, owner);
  return added;
}

function listenTo(plan: ResponsePlan, pinned: PinnedCall, heard: Heard): ResponsePlan {
  const how = listening[pinned.call.route.action];
  if (how === undefined || plan.kind === "tunnel") return plan;
  if (plan.kind === "records" || (plan.kind === "pass" && how === "records")) {
    const change = plan.kind === "records" ? plan.change : undefined;
    return {
      ...(plan.kind === "records" ? plan : {}),
      kind: "records",
      change(value) {
        hear(heard, value);
        return change === undefined ? value : change(value);
      },
    };
  }
  const change = plan.kind === "json" ? plan.change : undefined;
  const glance = (document: string): boolean => hearPlain(heard, document);
  return {
    kind: "json",
    change(value) {
      hear(heard, value);
      return change === undefined ? value : change(value);
    },
    ...(change === undefined ? { glance } : {}),
  };
}

/** Keeps the tags that are there now. One that was taken from another owner is that owner's no longer. */
async function settleTags(
  { owner, lookup }: Settling,
  tags: readonly Reference[],
  reserved: readonly string[],
): Promise<void> {
  const { ledger } = lookup;
  for (const reference of tags) {
    const tag = reference.name;
    if (!ledger.owners("tag", tag).includes(owner)) continue;
    const image = await lookup.image(tag);
    const isThere = image?.tags.includes(tag) ?? false;
    const hasMoved = isThere && (!reference.exists || image?.id !== reference.id || reference.owner === owner);
    if (reserved.includes(tag) && !isThere) ledger.release("tag", tag, owner);
    else if (reserved.includes(tag) && !hasMoved && !reference.isShared) ledger.release("tag", tag, owner);
    else if (hasMoved && !reference.isShared) releaseOthers(ledger, tag, owner);
    if (image !== undefined && isThere && hasMoved) await claimImage(lookup, image.id, owner);
  }
}

async function settleMade({ pinned, owner, lookup, heard }: Settling): Promise<void> {
  const { ledger } = lookup;
  for (const tag of heard.tags) {
    if (ledger.owners("tag", tag).length === 0) ledger.claim("tag", tag, owner);
  }
  for (const id of heard.images) await claimImage(lookup, id, owner);
  switch (pinned.call.route.action) {
    case "exec.create":
      if (heard.id !== "") ledger.claim("exec", heard.id, owner);
      return;
    case "container.commit":
      if (heard.id !== "") await claimImage(lookup, heard.id, owner);
      return;
    case "container.create":
      if (heard.id !== "") lookup.note("container", heard.id, { owner, isShared: false });
      if (heard.id !== "" && makesAnonymousVolumes(pinned)) await claimVolumes(lookup, heard.id, owner);
      return;
    default:
  }
}

function settleRemoved({ pinned, lookup, heard }: Settling): void {
  const { ledger } = lookup;
  for (const tag of heard.removedTags) ledger.release("tag", tag);
  for (const id of heard.removedImages) ledger.release("image", id);
  for (const volume of heard.removedVolumes) ledger.release("volume", volume);
  if (pinned.call.route.action === "volume.remove") ledger.release("volume", pinned.resource.id);
}

/** What everybody may use already does not become one caller's own. */
async function claimImage(lookup: Lookup, id: string, owner: string): Promise<void> {
  const image = await lookup.image(id);
  if (image === undefined || ownerOfImage(image, lookup.ledger, owner).isShared) return;
  lookup.ledger.claim("image", image.id, owner);
}

/** Their names are random and come only once, so the ledger never takes a later volume for them. */
async function claimVolumes(lookup: Lookup, containerId: string, owner: string): Promise<void> {
  for (const name of await lookup.volumesOf(containerId)) {
    const isAnonymous = /^[0-9a-f]{64}$/.test(name) && lookup.ledger.owners("volume", name).length === 0;
    if (!isAnonymous) continue;
    const found = await lookup.volume(name);
    if (found?.owner === "") lookup.ledger.claim("volume", name, owner);
  }
}

function makesAnonymousVolumes({ call, known }: PinnedCall): boolean {
  const body = call.body.kind === "json" ? call.body.value : {};
  const hasBind = listAt(body, "HostConfig", "Binds").some((bind) => typeof bind === "string" && !bind.includes(":"));
  return known.imageDeclaresVolumes || hasBind || Object.keys(fieldsAt(body, "Volumes")).length > 0;
}

function releaseOthers(ledger: OwnershipLedger, tag: string, owner: string): void {
  for (const other of ledger.owners("tag", tag)) if (other !== owner) ledger.release("tag", tag, other);
}
