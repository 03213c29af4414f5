// Everything that can be said of policy sets before they serve: mistakes, warnings, failing tests, rules without a test.

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errorText } from "../base/errors.ts";
import { loadWithSchema } from "./load-policies.ts";
import { policyFiles, type ReadSource, shippedSets } from "./policy-files.ts";
import { readRules } from "./read-rules.ts";
import type { Mistake, Rule } from "./rule.ts";
import { type PolicySchema, readSchema } from "./schema.ts";
import { readPolicyTests } from "./testing/read-policy-tests.ts";
import { type PolicyTestFailure, runPolicyTests } from "./testing/run-policy-tests.ts";

export type CheckOptions = {
  /** Names of shipped sets, paths of .cedar files, paths of folders: they serve together. */
  readonly sets: readonly string[];
  /** Where the shipped sets lie. */
  readonly folder: string;
  readonly schemaText: string;
};

export type CheckReport = {
  readonly isGood: boolean;
  readonly files: readonly string[];
  readonly rules: number;
  readonly mistakes: readonly Mistake[];
  readonly testsPassed: number;
  readonly failures: readonly PolicyTestFailure[];
  /** Rules of the files that no test beside them decides. */
  readonly untested: readonly Rule[];
};

/** @throws PlimsollError POLICY_INVALID when a set or the schema cannot be read at all */
export async function checkPolicies(options: CheckOptions): Promise<CheckReport> {
  const schema = readSchema(options.schemaText);
  const sources = await policyFiles(options.sets, options.folder).read();
  const { rules, mistakes } = readRules(sources, schema);
  const files = sources.map((source) => source.file);
  const hasErrors = mistakes.some((mistake) => mistake.severity === "error");
  const tested = hasErrors
    ? []
    : await Promise.all(sources.map((source) => testSource(source, schema, options.folder)));
  const failures = tested.flatMap((result) => result.failures);
  const broken = tested.flatMap((result) => result.mistakes);
  return {
    isGood: !hasErrors && failures.length === 0 && broken.length === 0,
    files,
    rules: rules.length,
    mistakes: [...mistakes, ...broken],
    testsPassed: tested.reduce((sum, result) => sum + result.passed, 0),
    failures,
    untested: tested.flatMap((result) => result.untested),
  };
}

type Tested = {
  readonly mistakes: readonly Mistake[];
  readonly passed: number;
  readonly failures: readonly PolicyTestFailure[];
  readonly untested: readonly Rule[];
};

/** Runs the tests beside one .cedar file, with the sets that they name. */
async function testSource({ file, path }: ReadSource, schema: PolicySchema, folder: string): Promise<Tested> {
  const testsFile = path.replace(/\.cedar$/, ".test.yaml");
  try {
    const text = await readIfThere(testsFile);
    const { sets, tests } = readPolicyTests(testsFile, text ?? "tests: []", schema);
    const sources = await policyFiles(sets.length === 0 ? [path] : besides(testsFile, sets), folder).read();
    const engine = loadWithSchema(sources, schema, { generation: 1, prefix: `check ${testsFile}` });
    const { untested, ...report } = runPolicyTests(tests, engine);
    engine.close();
    return { ...report, mistakes: [], untested: untested.filter((rule) => rule.file === file) };
  } catch (thrown) {
    const mistake = { file: testsFile, line: 0, message: errorText(thrown), severity: "error" as const };
    return { mistakes: [mistake], passed: 0, failures: [], untested: [] };
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Paths in a test file start where the file lies. */
function besides(file: string, sets: readonly string[]): readonly string[] {
  return sets.map((set) => (Object.hasOwn(shippedSets, set) ? set : resolve(dirname(file), set)));
}
