// Facts of every call: where it came from, and whose things it names beside its resource.

import type { CallFacts } from "../../model/facts.ts";
import type { Principal } from "../../model/principal.ts";
import type { ListenerProfile, PinnedCall, Reference } from "../call.ts";
import { sortedSet } from "./values.ts";

export function callFacts(pinned: PinnedCall, principal: Principal, profile: ListenerProfile): CallFacts {
  const others = pinned.references.filter((reference) => reference.exists && !reference.isShared);
  return {
    listener: profile.name,
    transport: profile.transport,
    apiVersion: pinned.call.apiVersion,
    callerContainer: principal.process?.container ?? "",
    foreignReferences: sortedSet(
      others.filter(({ owner }) => owner !== "" && owner !== principal.owner).map(nameOfReference),
    ),
    unownedReferences: sortedSet(others.filter(({ owner }) => owner === "").map(nameOfReference)),
  };
}

function nameOfReference(reference: Reference): string {
  return `${reference.role}:${reference.role === "tag" || reference.id === "" ? reference.name : reference.id}`;
}
