// Names everything that a layer's analysis depends on beside its bytes: another program, rule or setting is another key.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { shippedRuleFolder } from "../../findings/malware/shipped-rules.ts";
import type { AnalysisOptions } from "../layer/analysis.ts";
import { detectorsOf } from "../layer/analyzers.ts";

/** Rooms whose code decides what comes out of a layer. */
const rooms: readonly string[] = ["base", "image", "inventory", "findings", "admission"];

/**
 * Sizes and times of the program's own files stand for their content: opening every detector to ask for the fingerprint of
 * its rules would take longer than a warm scan may.
 * @param tool name and version
 */
export async function analyzerKey(options: AnalysisOptions, tool: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([tool, process.version, options]));
  for (const room of rooms) stampFolder(join(import.meta.dirname, "..", "..", room), hash);
  stampFolder(shippedRuleFolder, hash);
  for (const file of options.ruleFiles) hash.update(createHash("sha256").update(readRules(file)).digest());
  // What clamd knows changes without any file of ours.
  if (options.clamdSocket !== "") hash.update(await clamdFingerprint(options));
  return hash.digest("hex");
}

function stampFolder(folder: string, hash: { update(text: string): unknown }): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
}

function readRules(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new PlimsollError("CONFIG_INVALID", `${file}: ${errorText(cause)}`, {
      hint: "name a file with rules that this user may read",
      cause,
    });
  }
}

async function clamdFingerprint(options: AnalysisOptions): Promise<string> {
  const clamd = detectorsOf(options).find(({ name }) => name === "clamd");
  if (clamd === undefined) return "";
  const opened = await clamd.open(options);
  try {
    return opened.fingerprint;
  } finally {
    await opened.close();
  }
}
