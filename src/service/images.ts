// What judges images for the gate: who signed them, and what is in them unless the configuration says that nobody looks.

import { join } from "node:path";
import { openImageScanner } from "../admission/service/image-scanner.ts";
import type { TrustInForce } from "../admission/trust/trust-in-force.ts";
import { programVersion } from "../base/program-version.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { EngineClient } from "../engine/engine.ts";
import { databaseFile } from "../findings/update/feed-folder.ts";
import { createImageGate } from "../gate/admission/image-gate.ts";
import { watchImages } from "../gate/admission/watch-images.ts";
import type { Gate } from "../gate/gate.ts";
import { trustGate } from "./trust.ts";

/** Where the command line looks as well. */
function advisoryDatabaseOf({ admission, stateFolder }: Configuration): string {
  return admission.databasePath || databaseFile(join(stateFolder, "advisories"));
}

type Surroundings = {
  readonly client: EngineClient;
  /** Go with every question to the engine. */
  readonly engineHeaders: Readonly<Record<string, string>>;
  readonly trust: TrustInForce;
  readonly started: AsyncDisposableStack;
};

export function openImages(configuration: Configuration, around: Surroundings): Pick<Gate, "images" | "trust"> {
  const { client, engineHeaders, started } = around;
  const { admission, stateFolder } = configuration;
  const trust = trustGate(around.trust, configuration, client);
  if (admission.enabled === "no") return { trust };
  const advisories = advisoryDatabaseOf(configuration);
  const scanner = openImageScanner({
    tool: `plimsoll ${programVersion()}`,
    engineSocket: client.socket,
    engineHeaders,
    cacheFolder: join(stateFolder, "scans"),
    databaseFile: advisories,
    ruleFiles: admission.ruleFiles,
    ignoreFiles: admission.ignoreFiles,
    vexFiles: admission.vexFiles,
    clamdSocket: admission.clamdSocket,
  });
  const images = createImageGate({
    scanner,
    knowledgeFiles: [advisories, ...admission.ignoreFiles, ...admission.vexFiles],
    waitMs: admission.waitMs,
    nowMs: () => Date.now(),
  });
  started.defer(() => images.close());
  started.defer(watchImages(client, images));
  return { images, trust };
}
