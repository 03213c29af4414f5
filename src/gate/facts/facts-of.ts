// A pinned call -> the facts that policies see, by the family of its action.

import type { Facts } from "../../model/facts.ts";
import type { Principal } from "../../model/principal.ts";
import type { ListenerProfile, PinnedCall } from "../call.ts";
import { callFacts } from "./call-facts.ts";
import { containerFacts } from "./container-facts.ts";
import { buildFacts, checkpointFacts, execFacts, imageFacts, networkFacts, volumeFacts } from "./other-facts.ts";

/** Complete: every fact that policies/plimsoll.cedarschema declares for the action, but those that policy works out itself. */
export function factsOf(pinned: PinnedCall, principal: Principal, profile: ListenerProfile): Facts {
  const call = callFacts(pinned, principal, profile);
  switch (pinned.call.route.action) {
    case "container.create":
    case "container.update":
    case "service.create":
    case "service.update":
      return containerFacts(call, pinned);
    case "container.checkpoint":
      return checkpointFacts(call, pinned);
    case "exec.create":
      return execFacts(call, pinned);
    case "image.build":
      return buildFacts(call, pinned);
    case "volume.create":
      return volumeFacts(call, pinned);
    case "network.create":
      return networkFacts(call, pinned);
    default:
      return takesRegistry.has(pinned.call.route.action) ? imageFacts(call, pinned) : call;
  }
}

const takesRegistry: ReadonlySet<string> = new Set([
  "image.pull",
  "image.import",
  "image.load",
  "image.push",
  "image.tag",
  "image.search",
  "image.distribution",
  "system.auth",
  "container.commit",
]);
