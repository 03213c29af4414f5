// The rules that ship and the operator's own, read from their folders and files.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../../base/errors.ts";
import { type RuleFile, readRuleFile, wrongRule } from "./rule-file.ts";
import { type RuleTest, readRuleTests } from "./testing/rule-tests.ts";

/** Beside the sources and beside the built program alike. */
export const shippedRules: string = join(import.meta.dirname, "..", "..", "..", "rules", "watch");

const testEnd = ".test.yaml";
const maxFiles = 1000;
const maxBytes = 1024 * 1024;

/** @param paths files, or folders with *.yaml in them @throws PlimsollError RULES_INVALID */
export function loadRuleFiles(paths: readonly string[]): readonly RuleFile[] {
  return paths
    .flatMap(filesOf)
    .filter((file) => !file.endsWith(testEnd))
    .map((file) => readRuleFile(file, readText(file)));
}

/** The tests beside them: `NAME.test.yaml` beside `NAME.yaml`. @throws PlimsollError RULES_INVALID */
export function loadRuleTests(paths: readonly string[]): readonly RuleTest[] {
  const files = paths.flatMap(filesOf);
  const beside = files.filter((file) => !file.endsWith(testEnd)).map((file) => file.replace(/\.yaml$/, testEnd));
  const tests = new Set([...files.filter((file) => file.endsWith(testEnd)), ...beside.filter(isFile)]);
  return [...tests].flatMap((file) => readRuleTests(file, readText(file)));
}

function filesOf(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => name.endsWith(".yaml"));
    if (names.length > maxFiles) throw new Error(`more than ${maxFiles} files`);
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw wrongRule(path, 1, `cannot be read: ${errorText(cause)}`, cause);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

export function readText(file: string): string {
  try {
    if (statSync(file).size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw wrongRule(file, 1, `cannot be read: ${errorText(cause)}`, cause);
  }
}
