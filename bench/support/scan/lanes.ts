// A program of the benchmark: reads all layers of an archive with so many threads, and says how long it took.
// Usage: node lanes.ts ARCHIVE LANES

import { tmpdir } from "node:os";
import { noCache } from "../../../src/admission/cache/scan-cache.ts";
import { scanImage } from "../../../src/admission/pipeline.ts";
import { openLayerPool } from "../../../src/admission/worker/layer-pool.ts";
import { keepHeapSmall } from "../../../src/base/small-heap.ts";
import { defaultImageLimits } from "../../../src/image/limits.ts";

keepHeapSmall();
const [subject = "", lanes = "1"] = process.argv.slice(2);
const analysis = { withSecrets: false, withMalware: false, withConfiguration: false, ruleFiles: [], clamdSocket: "" };
const pool = openLayerPool({ analysis, usesThisThread: true, lanes: Number(lanes) });
const result = await scanImage(subject, {
  ...{ cache: noCache, pool, limits: defaultImageLimits, database: undefined, judge: undefined, tool: "bench" },
  progress: () => undefined,
  suppress: (findings) => ({ findings, suppressed: [], expired: [] }),
  sources: {
    ...{ platform: undefined, limits: defaultImageLimits, engineSocket: "", insecureRegistries: [], mirrors: {} },
    ...{ credentials: async () => undefined, temporaryFolder: tmpdir(), signal: new AbortController().signal },
  },
  nowMs: () => performance.now(),
});
await pool.close();
const found = { durationMs: result.durationMs, packages: result.inventory.packages.length };
process.stdout.write(`${JSON.stringify(found, undefined, 1)}\n`);
