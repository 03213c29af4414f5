// The program that scans for the gate, in a process of its own: what reads hostile bytes shares no memory with what decides.

import { setPriority, tmpdir } from "node:os";
import { tellAsker } from "../../base/asker.ts";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { keepHeapSmall } from "../../base/small-heap.ts";
import { type AdvisoryDatabase, openDatabase } from "../../findings/database/open-database.ts";
import { defaultImageLimits } from "../../image/limits.ts";
import { analyzerKey } from "../cache/analyzer-key.ts";
import { openScanCache } from "../cache/scan-cache.ts";
import type { AnalysisOptions } from "../layer/analysis.ts";
import { scanImage } from "../pipeline.ts";
import type { ScanRoom } from "../scan-room.ts";
import { loadSuppressions } from "../suppressions.ts";
import { admissionFacts } from "../verdict/admission-facts.ts";
import { openLayerPool } from "../worker/layer-pool.ts";
import type { FromScanner, ScannedImage, ScannerSettings, ToScanner } from "./messages.ts";

/** Containers come first. */
const nice = 10;
/** Nothing to do for so long: the gate starts a new one when it needs one. */
const idleMs = 60_000;

if (process.send !== undefined) {
  keepHeapSmall();
  listen();
}

function listen(): void {
  const waiting: string[] = [];
  let settings: ScannerSettings | undefined;
  let isBusy = false;
  let idle = setTimeout(end, idleMs);
  const work = async (): Promise<void> => {
    if (isBusy || settings === undefined) return;
    isBusy = true;
    clearTimeout(idle);
    for (let imageId = waiting.shift(); imageId !== undefined; imageId = waiting.shift()) {
      say(await scan(imageId, settings));
    }
    isBusy = false;
    idle = setTimeout(end, idleMs);
  };
  process.on("message", (message: ToScanner) => {
    if (message.kind === "settings") settings = message.settings;
    else place(waiting, message);
    void work();
  });
  // Without the gate there is nobody to scan for.
  process.on("disconnect", end);
  setPriority(nice);
}

function end(): void {
  process.exit(0);
}

function place(waiting: string[], { kind, imageId }: Extract<ToScanner, { kind: "scan" | "hurry" }>): void {
  const at = waiting.indexOf(imageId);
  if (kind === "scan" && at >= 0) return;
  if (at >= 0) waiting.splice(at, 1);
  if (kind === "hurry") waiting.unshift(imageId);
  else waiting.push(imageId);
}

function say(message: FromScanner): void {
  tellAsker(message);
}

async function scan(imageId: string, settings: ScannerSettings): Promise<FromScanner> {
  try {
    return { kind: "scanned", imageId, image: await scanNow(imageId, settings) };
  } catch (thrown) {
    const code = thrown instanceof PlimsollError ? thrown.code : "";
    return { kind: "failed", imageId, code, what: errorText(thrown) };
  }
}

async function scanNow(imageId: string, settings: ScannerSettings): Promise<ScannedImage> {
  const { tool, ruleFiles, clamdSocket, cacheFolder, engineSocket, engineHeaders } = settings;
  const analysis: AnalysisOptions = {
    ...{ withSecrets: true, withMalware: true, withConfiguration: true },
    ruleFiles,
    clamdSocket,
  };
  const pool = openLayerPool({ analysis, usesThisThread: true });
  const database = openIfThere(settings.databaseFile);
  try {
    const room: ScanRoom = {
      cache: openScanCache({ folder: cacheFolder, analyzers: await analyzerKey(analysis, tool) }),
      ...{ pool, database, tool, limits: defaultImageLimits, judge: undefined },
      progress: () => undefined,
      suppress: loadSuppressions(settings, Date.now),
      sources: {
        ...{ platform: undefined, limits: defaultImageLimits, engineSocket, engineHeaders },
        ...{ insecureRegistries: [], mirrors: {} },
        ...{ credentials: async () => undefined, temporaryFolder: tmpdir(), signal: new AbortController().signal },
      },
      nowMs: () => Date.now(),
    };
    const result = await scanImage(`engine://${imageId}`, room);
    return {
      facts: admissionFacts({ listener: "", image: "", imageId }, result, Date.now()),
      created: result.image.config.created,
      dataBuiltAt: result.advisoryData.builtAt,
      dataDigest: result.advisoryData.digest,
    };
  } finally {
    database?.close();
    await pool.close();
  }
}

/** An image can be read without it: policy is told that nothing is known. A damaged one is an error, not ignorance. */
function openIfThere(file: string): AdvisoryDatabase | undefined {
  try {
    return openDatabase(file);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "ADVISORIES_MISSING") return undefined;
    throw thrown;
  }
}
