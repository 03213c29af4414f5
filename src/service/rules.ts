// What operators write and may change while we run: policies, profiles and the trust file, read again together.

import type { TrustInForce } from "../admission/trust/trust-in-force.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import { type ContainerProfiles, openContainerProfiles } from "./container-profiles.ts";
import { openPolicies, type Policies } from "./policies.ts";
import { type Environment, openTrust } from "./trust.ts";

export interface Rules {
  readonly policies: Policies;
  readonly profiles: ContainerProfiles;
  readonly trust: TrustInForce;
  /** @throws PlimsollError POLICY_INVALID, CONFIG_INVALID; what was good last stays in force */
  reload(): Promise<void>;
  close(): void;
}

/** @throws PlimsollError POLICY_INVALID, CONFIG_INVALID */
export async function openRules(
  configuration: Configuration,
  environment: Environment,
  notice: (text: string) => void,
): Promise<Rules> {
  const { folder, isRequired } = configuration.profiles;
  const profiles = openContainerProfiles(folder, isRequired);
  const trust = openTrust(configuration, environment, notice);
  const policies = await openPolicies(configuration, notice);
  return {
    policies,
    profiles,
    trust,
    async reload() {
      profiles.reload();
      trust.reload();
      await policies.reload();
    },
    close: () => policies.close(),
  };
}
