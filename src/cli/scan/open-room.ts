// The command line and the configuration -> everything that a scan works with.

import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { analyzerKey } from "../../admission/cache/analyzer-key.ts";
import { noCache, openScanCache } from "../../admission/cache/scan-cache.ts";
import type { AnalysisOptions } from "../../admission/layer/analysis.ts";
import type { ReadingRoom, ScanProgress } from "../../admission/read-contents.ts";
import { openLayerPool } from "../../admission/worker/layer-pool.ts";
import { PlimsollError } from "../../base/errors.ts";
import { keepHeapSmall } from "../../base/small-heap.ts";
import { defaultImageLimits } from "../../image/limits.ts";
import { dockerCredentials } from "../../image/registry/docker-credentials.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { Platform } from "../../model/image.ts";
import type { CommandContext, CommandInput } from "../command.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { configurationOf } from "../configuration/options.ts";
import { engineSocketOf } from "./engine-socket.ts";

export type OpenedRoom = {
  readonly reading: ReadingRoom;
  readonly sources: SourceSettings;
  readonly configuration: Configuration;
  readonly tool: string;
  /** Detectors that are off because something is not there. */
  missing(): readonly { readonly name: string; readonly why: string }[];
  close(): Promise<void>;
};

/** @throws PlimsollError CONFIG_INVALID, USAGE */
export async function openRoom(
  context: CommandContext,
  input: CommandInput,
  signal: AbortSignal,
  progress: (progress: ScanProgress) => void,
): Promise<OpenedRoom> {
  keepHeapSmall();
  const configuration = configurationOf(context, input);
  const tool = `plimsoll ${context.version}`;
  const analysis = analysisOptions(input, configuration);
  const limits = defaultImageLimits;
  const folder = join(configuration.stateFolder, "scans");
  const cache = input.flag("no-cache")
    ? noCache
    : openScanCache({ folder, analyzers: await analyzerKey(analysis, tool) });
  signal.throwIfAborted();
  const pool = openLayerPool({ analysis, usesThisThread: true });
  const end = (): void => void pool.close();
  signal.addEventListener("abort", end, { once: true });
  return {
    reading: { cache, pool, limits, progress },
    sources: {
      platform: readPlatform(input.text("platform")),
      limits,
      engineSocket: engineSocketOf(context, configuration),
      insecureRegistries: [...configuration.admission.insecureRegistries, ...input.list("insecure-registry")],
      mirrors: {},
      credentials: (registry) => dockerCredentials(registry, context.environment),
      temporaryFolder: tmpdir(),
      signal,
    },
    configuration,
    tool,
    missing: () => pool.missing(),
    async close() {
      signal.removeEventListener("abort", end);
      await pool.close();
    },
  };
}

function analysisOptions(input: CommandInput, { admission }: Configuration): AnalysisOptions {
  return {
    withSecrets: !input.flag("no-secrets"),
    withMalware: !input.flag("no-malware"),
    withConfiguration: !input.flag("no-configuration"),
    ruleFiles: [...admission.ruleFiles, ...input.list("rules").map((file) => resolve(file))],
    clamdSocket: admission.clamdSocket,
  };
}

function readPlatform(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  const [os = "", architecture = "", variant = "", ...more] = text.split("/");
  if (os !== "" && architecture !== "" && more.length === 0) return { os, architecture, variant };
  throw new PlimsollError("USAGE", `--platform: expected OS/ARCH or OS/ARCH/VARIANT, found "${text}"`, {
    hint: "write linux/amd64 or linux/arm/v7",
  });
}
