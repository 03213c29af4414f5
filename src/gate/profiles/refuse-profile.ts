// A profile applies, and what it demands cannot be put into the request.

import { Refusal } from "../refusal.ts";

/** @param profiles names; empty where any may apply */
export function cannotHarden(profiles: readonly string[], why: string): Refusal {
  const applies =
    profiles.length === 0 ? "profiles are in force" : `profile ${profiles.join(", ")} applies to this image`;
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: `profile/${profiles[0] ?? "any"}`,
    reason: `${applies}, and ${why}`,
    hint: "use a listener of the gate and containers of your own, or take the image out of the profile",
  });
}
