// What operators write and may change while we run: policies and profiles, read again together.

import type { Configuration } from "../cli/configuration/configuration.ts";
import { type ContainerProfiles, openContainerProfiles } from "./container-profiles.ts";
import { openPolicies, type Policies } from "./policies.ts";

export interface Rules {
  readonly policies: Policies;
  readonly profiles: ContainerProfiles;
  /** @throws PlimsollError POLICY_INVALID, CONFIG_INVALID; what was good last stays in force */
  reload(): Promise<void>;
  close(): void;
}

/** @throws PlimsollError POLICY_INVALID, CONFIG_INVALID */
export async function openRules(configuration: Configuration, notice: (text: string) => void): Promise<Rules> {
  const { folder, isRequired } = configuration.profiles;
  const profiles = openContainerProfiles(folder, isRequired);
  const policies = await openPolicies(configuration, notice);
  return {
    policies,
    profiles,
    async reload() {
      profiles.reload();
      await policies.reload();
    },
    close: () => policies.close(),
  };
}
