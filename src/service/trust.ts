// Who has to have signed images, for the gate: the trust file that the configuration names, or the usual one when there is one.

import { join } from "node:path";
import { openMadeImages } from "../admission/trust/made-images.ts";
import { openTrustInForce, type TrustInForce } from "../admission/trust/trust-in-force.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import { chooseFolders } from "../cli/configuration/folders.ts";
import type { RunningService } from "../cli/service.ts";
import type { EngineClient } from "../engine/engine.ts";
import type { TrustGate } from "../gate/admission/trust-gate.ts";
import { defaultImageLimits } from "../image/limits.ts";
import { dockerCredentials } from "../image/registry/docker-credentials.ts";
import type { SourceSettings } from "../image/source.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A caller waits for it. */
const [idleTimeoutMs, timeoutMs] = [10_000, 60_000];

/** @throws PlimsollError CONFIG_INVALID: a trust file with a mistake, or one that was named and is not there */
export function openTrust(
  configuration: Configuration,
  environment: Environment,
  notice: (text: string) => void,
): TrustInForce {
  return openTrustInForce({
    path: trustFileOf(configuration, environment),
    isRequired: configuration.admission.trustFile !== "",
    settings: settingsOf(configuration, environment),
    folder: join(configuration.stateFolder, "trust"),
    notice,
    nowMs: () => Date.now(),
  });
}

export function describeTrust(trust: TrustInForce): ReturnType<RunningService["trust"]> {
  const generation = trust.current();
  if (generation === undefined) return undefined;
  return { file: generation.path, counter: generation.file.counter, rules: generation.file.rules.length };
}

export function trustGate(trust: TrustInForce, { stateFolder }: Configuration, engine: EngineClient): TrustGate {
  const made = openMadeImages(join(stateFolder, "trust", "made"));
  return { current: () => trust.current(), engine, made };
}

/** The one that the configuration names, else the usual one, there or not. */
export function trustFileOf({ admission }: Configuration, environment: Environment): string {
  const { configuration } = chooseFolders(environment, process.getuid?.() === 0);
  return admission.trustFile || join(configuration, "trust.yaml");
}

function settingsOf({ admission }: Configuration, environment: Environment): SourceSettings {
  return {
    ...{ platform: undefined, engineSocket: "", mirrors: {}, temporaryFolder: "" },
    limits: { ...defaultImageLimits, idleTimeoutMs, timeoutMs },
    insecureRegistries: admission.insecureRegistries,
    credentials: (registry) => dockerCredentials(registry, environment),
    signal: new AbortController().signal,
  };
}
