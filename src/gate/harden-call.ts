// Least privilege before anything is decided: what profiles demand of an image's containers is written into the request, so
// that policies judge, and the engine gets, the hardened one.

import { textAt } from "../base/reading.ts";
import { canonicalTag, readReference, repositoryOf } from "../base/reference.ts";
import { type HardenedRequest, harden } from "../harden/harden.ts";
import { selectProfiles } from "../harden/select-profiles.ts";
import { watchDemands } from "../harden/watch-demands.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import type { ListenerProfile, PinnedCall } from "./call.ts";
import type { Gate } from "./gate.ts";
import { objectIn } from "./references/edit-json.ts";
import type { FoundImage } from "./references/found.ts";
import { Refusal } from "./refusal.ts";

/**
 * Only where calls are enforced: elsewhere nothing is changed that was asked for.
 * @throws Refusal when a profile applies to what cannot be changed on its way
 */
export async function hardenCall(pinned: PinnedCall, listener: ListenerProfile, gate: Gate): Promise<PinnedCall> {
  const profiles = gate.profiles();
  if (profiles.length === 0 || listener.mode !== "enforce") return pinned;
  switch (pinned.call.route.action) {
    case "container.create":
      return hardenCreate(
        pinned,
        await profilesFor(pinned.known.imageId, nameIn(pinned), gate),
        listener,
        pinned.known.imageUser,
      );
    case "container.update":
      return hardenUpdate(pinned, await profilesOfContainer(pinned, gate), listener);
    case "service.create":
    case "service.update":
      return refuseService(pinned, gate);
    default:
      return pinned;
  }
}

function hardenCreate(
  pinned: PinnedCall,
  profiles: readonly Profile[],
  listener: ListenerProfile,
  user: string,
): PinnedCall {
  if (profiles.length === 0 || pinned.call.body.kind !== "json") return pinned;
  return changed(pinned, harden(pinned.call.body.value, profiles, { user }), profiles, listener, (request) => request);
}

/** An update carries limits at the top of its body; profiles are limits of these too. */
function hardenUpdate(pinned: PinnedCall, profiles: readonly Profile[], listener: ListenerProfile): PinnedCall {
  if (profiles.length === 0 || pinned.call.body.kind !== "json") return pinned;
  const asked = pinned.call.body.value;
  const limits = profiles.map(({ name, file, images, memory, pidsLimit }) => ({
    ...{ name, file, images },
    ...(memory !== undefined && (Object.hasOwn(asked, "Memory") || Object.hasOwn(asked, "MemorySwap"))
      ? { memory }
      : {}),
    ...(pidsLimit !== undefined && Object.hasOwn(asked, "PidsLimit") ? { pidsLimit } : {}),
  }));
  const hardened = harden({ HostConfig: asked }, limits, { user: "" });
  return changed(pinned, hardened, profiles, listener, (request) => objectIn(request, "HostConfig"));
}

function changed(
  pinned: PinnedCall,
  { request, changes, chosen }: HardenedRequest,
  profiles: readonly Profile[],
  listener: ListenerProfile,
  bodyOf: (request: JsonObject) => JsonObject,
): PinnedCall {
  const names = profiles.map(({ name }) => name);
  if (listener.transport === "authz-plugin") {
    // The engine has the request already and takes a yes or a no.
    if (changes.length > 0) throw cannotHarden(names, `the container would have to change: ${changes.join("; ")}`);
    return pinned;
  }
  return {
    ...pinned,
    call: { ...pinned.call, body: { kind: "json", value: bodyOf(request) } },
    known: { ...pinned.known, hardened: { profiles: names, changes, chosen, watch: watchDemands(profiles) } },
  };
}

async function profilesOfContainer({ resource }: PinnedCall, gate: Gate): Promise<readonly Profile[]> {
  const container = await gate.lookup.container(resource.id);
  return container === undefined ? [] : profilesFor(container.imageId, "", gate);
}

async function refuseService(pinned: PinnedCall, gate: Gate): Promise<PinnedCall> {
  const body = pinned.call.body.kind === "json" ? pinned.call.body.value : {};
  const name = textAt(body, "TaskTemplate", "ContainerSpec", "Image");
  const found = await gate.lookup.image(name);
  const profiles = await profilesFor(found?.id ?? "", name, gate);
  if (profiles.length === 0) return pinned;
  throw cannotHarden(
    profiles.map((profile) => profile.name),
    "the tasks of a service are made by the engine, past every profile",
  );
}

async function profilesFor(imageId: string, name: string, gate: Gate): Promise<readonly Profile[]> {
  const image = imageId === "" ? undefined : await gate.lookup.image(imageId);
  return selectProfiles(gate.profiles(), namesOf(imageId, name, image));
}

function namesOf(id: string, name: string, image: FoundImage | undefined) {
  const asked = canonicalTag(name);
  const reference = readReference(name);
  return {
    id,
    tags: [...(image?.tags ?? []), ...(asked === undefined ? [] : [asked])],
    repositories: [...(image?.repositories ?? []), ...(reference === undefined ? [] : [repositoryOf(reference)])],
  };
}

function nameIn({ references }: PinnedCall): string {
  return references.find(({ role }) => role === "image")?.name ?? "";
}

function cannotHarden(profiles: readonly string[], why: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: `profile/${profiles[0] ?? ""}`,
    reason: `profile ${profiles.join(", ")} applies to this image, and ${why}`,
    hint: "use a listener of the gate and containers of your own, or take the image out of the profile",
  });
}
