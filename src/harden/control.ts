// One way to make a container less dangerous before it exists. A control only ever tightens: what the caller asked for is a
// limit that no profile widens. Several profiles may apply to one request, one after the other.

import type { Plugin } from "../base/plugin.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";

export type Hardened = {
  /** Body of the create. */
  readonly request: JsonObject;
  /** What was changed, each a sentence for the caller; empty when nothing had to be. */
  readonly changes: readonly string[];
  /** Entries that this control put into SecurityOpt. */
  readonly securityOptions?: readonly string[];
};

/** What the image says where the request is silent. */
export type ImageDefaults = {
  /** "" for root. */
  readonly user: string;
};

export interface Control extends Plugin {
  /**
   * Changes nothing where the profile does not mention what the control is about.
   * @param request body of POST /containers/create (Engine API, ContainerCreate), every name canonical
   */
  harden(request: JsonObject, profile: Profile, image: ImageDefaults): Hardened;
}
