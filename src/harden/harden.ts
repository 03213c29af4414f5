// Create request + profiles -> least-privilege request + what changed. Pure: knows no engine.

import { textAt } from "../base/reading.ts";
import type { JsonObject } from "../model/json.ts";
import type { ChosenByProfile, Profile } from "../model/profile.ts";
import type { ImageDefaults } from "./control.ts";
import { controls } from "./controls.generated.ts";
import { hostConfigOf } from "./request.ts";

export type HardenedRequest = {
  readonly request: JsonObject;
  /** Sentences for the caller, without a full stop. */
  readonly changes: readonly string[];
  readonly chosen: ChosenByProfile;
};

/** @param profiles all that apply, the general ones first: a later one replaces what an earlier one chose, and widens no limit */
export function harden(request: JsonObject, profiles: readonly Profile[], image: ImageDefaults): HardenedRequest {
  let hardened = request;
  const changes: string[] = [];
  let securityOptions: readonly string[] = [];
  for (const profile of profiles) {
    for (const control of controls) {
      const result = control.harden(hardened, profile, image);
      hardened = result.request;
      changes.push(...result.changes);
      securityOptions = [...securityOptions, ...(result.securityOptions ?? [])];
    }
  }
  const isChosen = profiles.some(({ runtime }) => runtime !== undefined);
  const runtime = isChosen ? textAt(hostConfigOf(hardened), "Runtime") : "";
  return { request: hardened, changes, chosen: { securityOptions, runtime } };
}
