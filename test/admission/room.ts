// A scan's surroundings in a folder of the test's own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { openScanCache, type ScanCache } from "../../src/admission/cache/scan-cache.ts";
import type { AnalysisOptions } from "../../src/admission/layer/analysis.ts";
import { scanImage } from "../../src/admission/pipeline.ts";
import type { ScanRoom } from "../../src/admission/scan-room.ts";
import { type LayerPool, openLayerPool } from "../../src/admission/worker/layer-pool.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import type { ScanResult } from "../../src/model/scan.ts";

export const plainAnalysis: AnalysisOptions = {
  withSecrets: true,
  withMalware: false,
  withConfiguration: true,
  ruleFiles: [],
  clamdSocket: "",
};

export type TestRoom = {
  readonly folder: string;
  readonly cache: ScanCache;
  /** Indexes of layers that were read, in the order they were asked for. */
  readonly read: number[];
  scan(subject: string, more?: Partial<ScanRoom>): Promise<ScanResult>;
};

export type RoomOptions = {
  readonly analysis?: Partial<AnalysisOptions>;
  readonly lanes?: number;
  readonly usesThisThread?: boolean;
};

export function makeRoom(t: TestContext, options: RoomOptions = {}): TestRoom {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-admission-"));
  const analysis = { ...plainAnalysis, ...options.analysis };
  const lanes = options.lanes === undefined ? {} : { lanes: options.lanes };
  const pool = openLayerPool({ analysis, usesThisThread: options.usesThisThread ?? true, ...lanes });
  const cache = openScanCache({ folder: join(folder, "scans"), analyzers: "test" });
  const read: number[] = [];
  const counting: LayerPool = {
    ...pool,
    readLayer(layer, open, limits) {
      read.push(layer.index);
      return pool.readLayer(layer, open, limits);
    },
  };
  t.after(async () => {
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const room: ScanRoom = {
    ...{ cache, pool: counting, limits: defaultImageLimits, database: undefined, judge: undefined },
    progress: () => undefined,
    suppress: (findings) => ({ findings, suppressed: [], expired: [] }),
    tool: "plimsoll test",
    nowMs: () => Date.parse("2026-11-22T00:00:00Z"),
    sources: {
      ...{ platform: undefined, limits: defaultImageLimits, engineSocket: "", insecureRegistries: [], mirrors: {} },
      ...{ credentials: async () => undefined, temporaryFolder: folder, signal: new AbortController().signal },
    },
  };
  return { folder, cache, read, scan: (subject, more = {}) => scanImage(subject, { ...room, ...more }) };
}
