// Least privilege before anything is decided: what profiles demand of an image's containers is written into the request, so
// that policies judge, and the engine gets, the hardened one.

import { type HardenedRequest, harden } from "../harden/harden.ts";
import { watchDemands } from "../harden/watch-demands.ts";
import type { Action } from "../model/action.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import type { ListenerProfile, PinnedCall } from "./call.ts";
import type { Gate } from "./gate.ts";
import { profilesLabel } from "./ownership/labels.ts";
import { profilesOfContainer, profilesOfImage, rememberProfiles } from "./profiles/find-profiles.ts";
import { hardenServiceCall } from "./profiles/harden-service-call.ts";
import { cannotHarden } from "./profiles/refuse-profile.ts";
import { objectIn } from "./references/edit-json.ts";

/** Calls after which an image may have lost a name. */
const renaming: ReadonlySet<Action> = new Set<Action>([
  ...(["image.remove", "image.prune", "image.tag", "image.build", "image.pull", "image.import", "image.load"] as const),
  "container.commit",
]);

/**
 * Only where calls are enforced: elsewhere nothing is changed that was asked for.
 * @throws Refusal when a profile applies to what cannot be changed on its way
 */
export async function hardenCall(pinned: PinnedCall, listener: ListenerProfile, gate: Gate): Promise<PinnedCall> {
  if (gate.profiles().length === 0) return pinned;
  const { action } = pinned.call.route;
  if (renaming.has(action)) await rememberProfiles(gate);
  if (listener.mode !== "enforce") return pinned;
  switch (action) {
    case "container.create":
      return hardenCreate(pinned, await profilesOfImage(pinned.known.imageId, nameIn(pinned), gate), listener);
    case "container.update":
      return hardenUpdate(pinned, await profilesOfContainer(pinned.resource.id, gate), listener);
    case "service.create":
    case "service.update":
      return hardenServiceCall(pinned, listener, gate);
    default:
      return pinned;
  }
}

function hardenCreate(pinned: PinnedCall, profiles: readonly Profile[], listener: ListenerProfile): PinnedCall {
  if (profiles.length === 0 || pinned.call.body.kind !== "json") return pinned;
  const hardened = harden(pinned.call.body.value, profiles, { user: pinned.known.imageUser });
  const label = profiles.map(({ name }) => name).join(",");
  return changed(pinned, hardened, profiles, listener, (request) => ({
    ...request,
    Labels: { ...objectIn(request, "Labels"), [profilesLabel]: label },
  }));
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

function nameIn({ references }: PinnedCall): string {
  return references.find(({ role }) => role === "image")?.name ?? "";
}
