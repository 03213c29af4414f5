// What `learn` proposes: one profile, and the files and flags that say the same to others.

import type { Profile } from "../../model/profile.ts";

export type Proposal = {
  readonly profile: Omit<Profile, "file">;
  readonly files: readonly ProposedFile[];
  /** Arguments of `docker run` for hosts without the gate. */
  readonly flags: readonly string[];
  /** What a person has to know before this is applied, each a sentence. */
  readonly notes: readonly string[];
};

export type ProposedFile = {
  /** `web.yaml`, `web.seccomp.json`, `web.apparmor`, `web.cedar` */
  readonly name: string;
  readonly text: string;
};
