// Capabilities: everything goes but what the profile keeps, and of that only what the caller would have had.

import { isTrueAt, textsAt } from "../../base/reading.ts";
import { canonicalCapability, grantedCapabilities, knownCapabilities } from "../capabilities.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";

export const capabilities: Control = {
  name: "capabilities",
  summary: "drops every capability that the profile does not keep",
  needs: {},
  harden(request, { capabilities: kept, name }) {
    if (kept === undefined) return unchanged(request);
    const host = hostConfigOf(request);
    const isPrivileged = isTrueAt(host, "Privileged");
    const asked = isPrivileged
      ? [...knownCapabilities].sort()
      : grantedCapabilities([...textsAt(host, "CapAdd"), ...textsAt(host, "Capabilities")], textsAt(host, "CapDrop"));
    const allowed = new Set(kept.map(canonicalCapability));
    const left = asked.filter((capability) => allowed.has(capability));
    const lost = asked.filter((capability) => !allowed.has(capability));
    const { Capabilities: _, ...others } = host;
    const hardened = withHostConfig(
      { ...request, HostConfig: others },
      {
        CapDrop: ["ALL"],
        CapAdd: left,
        ...(isPrivileged ? { Privileged: false } : {}),
      },
    );
    const changes = [
      ...(isPrivileged ? [`no longer privileged (profile ${name})`] : []),
      ...(lost.length > 0 ? [`without ${listed(lost)} (profile ${name})`] : []),
    ];
    return { request: hardened, changes };
  },
};

function listed(names: readonly string[]): string {
  const short = names.map((capability) => capability.slice("CAP_".length));
  return short.length <= 8
    ? short.join(", ")
    : `${short.slice(0, 7).join(", ")} and ${short.length - 7} more capabilities`;
}
