// What looks into images for the gate, unless the configuration says that nobody does.

import { join } from "node:path";
import { openImageScanner } from "../admission/service/image-scanner.ts";
import { programVersion } from "../base/program-version.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { EngineClient } from "../engine/engine.ts";
import { databaseFile } from "../findings/update/feed-folder.ts";
import { createImageGate } from "../gate/admission/image-gate.ts";
import { watchImages } from "../gate/admission/watch-images.ts";
import type { Gate } from "../gate/gate.ts";

/** Where the command line looks as well. */
function advisoryDatabaseOf({ admission, stateFolder }: Configuration): string {
  return admission.databasePath || databaseFile(join(stateFolder, "advisories"));
}

/** @param engineHeaders go with every question to the engine */
export function openImages(
  configuration: Configuration,
  client: EngineClient,
  engineHeaders: Readonly<Record<string, string>>,
  started: AsyncDisposableStack,
): Pick<Gate, "images"> {
  const { admission, stateFolder } = configuration;
  if (admission.enabled === "no") return {};
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
  return { images };
}
