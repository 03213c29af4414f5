// Every plugin of every kind: does it work here, and if not, why, in one sentence.

import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "../../base/plugin.ts";
import { engines } from "../../engine/engines.generated.ts";
import { advisoryFeeds } from "../../findings/advisory-feeds.generated.ts";
import { detectors } from "../../findings/detectors.generated.ts";
import { versionSchemes } from "../../findings/version-schemes.generated.ts";
import { listeners } from "../../gate/listeners.generated.ts";
import { providers } from "../../identity/providers.generated.ts";
import { sources } from "../../image/sources.generated.ts";
import { catalogers } from "../../inventory/catalogers.generated.ts";
import { formats } from "../../report/formats.generated.ts";
import { drivers } from "../../store/drivers.generated.ts";
import { signatureFormats } from "../../trust/signature-formats.generated.ts";
import { signers } from "../../trust/signers.generated.ts";
import { outputs } from "../../watch/outputs.generated.ts";
import { responses } from "../../watch/responses.generated.ts";
import type { PluginState } from "./report.ts";

export type Surroundings = {
  readonly platform: string;
  readonly isRoot: boolean;
  /** PATH */
  readonly path: string;
};

const kinds: readonly (readonly [string, readonly Plugin[]])[] = [
  ["engine", engines],
  ["listener", listeners],
  ["identity", providers],
  ["store", drivers],
  ["image source", sources],
  ["cataloger", catalogers],
  ["version scheme", versionSchemes],
  ["advisory feed", advisoryFeeds],
  ["detector", detectors],
  ["report", formats],
  ["signature", signatureFormats],
  ["signer", signers],
  ["response", responses],
  ["alert output", outputs],
];

export function pluginStates(around: Surroundings): readonly PluginState[] {
  return kinds.flatMap(([kind, plugins]) =>
    plugins.map((plugin) => ({
      ...{ kind, name: plugin.name, summary: plugin.summary, whyOff: whyOff(plugin, around) ?? "" },
    })),
  );
}

/** The first need that is not met; undefined when the plugin works here. */
export function whyOff({ needs }: Plugin, around: Surroundings): string | undefined {
  if (needs.platforms !== undefined && !needs.platforms.includes(around.platform)) {
    return `works on ${needs.platforms.join(" and ")}, this is ${around.platform}`;
  }
  if (needs.root === true && !around.isRoot) return "needs root";
  const program = needs.programs?.find((name) => !isOnPath(name, around.path));
  if (program !== undefined) return `needs the program ${program}`;
  const file = needs.files?.find((path) => !existsSync(path));
  return file === undefined ? undefined : `needs ${file}`;
}

function isOnPath(program: string, path: string): boolean {
  return path.split(":").some((folder) => {
    try {
      accessSync(join(folder || ".", program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
