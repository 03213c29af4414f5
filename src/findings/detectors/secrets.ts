// Secrets in files, environment, labels and history. Masked at once: nothing that leaves this room holds a whole one.

import { createHash } from "node:crypto";
import type { Finding } from "../../model/finding.ts";
import type { ContentSink, FileEntry } from "../../model/layer.ts";
import type { FileProblem } from "../../model/package.ts";
import type { Detector } from "../detector.ts";
import { fileKind } from "../file-kind.ts";
import { findConfigSecrets } from "../secrets/config-secrets.ts";
import { secretRules } from "../secrets/rules.ts";
import { makeSecretScanner, patternBudget, type ScannedFile, type SecretScanner } from "../secrets/secret-scanner.ts";
import { toSecret } from "../secrets/to-secret.ts";
import { readUserRules } from "../secrets/user-rules.ts";
import { wideSink } from "../secrets/wide-sink.ts";
import { BufferPool, windowSink } from "../secrets/window-sink.ts";

const blockBytes = 512 * 1024;
/** One file full of tokens must not fill the report. */
const maxFindingsPerFile = 100;

export const secrets: Detector = {
  name: "secrets",
  summary: "tokens, keys and passwords in files, environment, labels and history",
  needs: {},
  async open(settings) {
    const rules = [...secretRules, ...(await readUserRules(settings.ruleFiles))];
    const scanner = makeSecretScanner(rules);
    const buffers = new BufferPool(blockBytes);
    let problems: FileProblem[] = [];
    return {
      fingerprint: fingerprintOf(rules),
      visit: (entry, head, found) =>
        openSink({
          entry,
          head,
          found,
          scanner,
          buffers,
          problem: (what) => problems.push({ path: entry.path, plugin: "secrets", what }),
        }),
      inspectConfig: (config) => findConfigSecrets(config, scanner),
      takeProblems() {
        const taken = problems;
        problems = [];
        return taken;
      },
      close: () => Promise.resolve(),
    };
  },
};

type Visit = {
  readonly entry: FileEntry;
  readonly head: Uint8Array;
  readonly found: (finding: Finding) => void;
  readonly scanner: SecretScanner;
  readonly buffers: BufferPool;
  readonly problem: (what: string) => void;
};

function openSink({ entry, head, found, scanner, buffers, problem }: Visit): ContentSink | undefined {
  if (entry.kind !== "file" || entry.size < 12) return undefined;
  const kind = fileKind(head);
  if (kind === "packed") return undefined;
  const file: ScannedFile = { path: entry.path, isBinary: kind === "binary", budget: patternBudget(entry.size) };
  let count = 0;
  const { reach, lookBack } = scanner;
  const size = kind === "wide" ? -1 : entry.size;
  const sink = windowSink({ lookBack, reach, blockBytes, size, buffers, hasLines: !file.isBinary }, (block) => {
    if (file.budget < 0) return;
    for (const match of scanner.scan(block, file)) {
      count += 1;
      if (count > maxFindingsPerFile) break;
      found(toSecret(match, { place: "file", path: entry.path, line: file.isBinary ? 0 : match.line }));
    }
    if (count > maxFindingsPerFile) problem(`more than ${maxFindingsPerFile} secrets, the others are not listed`);
    else if (file.budget < 0) problem("so many beginnings of secrets that the rest was not searched");
    if (count > maxFindingsPerFile) file.budget = -1;
  });
  return kind === "wide" ? wideSink(sink, head) : sink;
}

function fingerprintOf(rules: readonly object[]): string {
  const text = JSON.stringify(rules, (_, value: unknown) =>
    value instanceof RegExp || typeof value === "function" ? String(value) : value,
  );
  return `secrets 1 ${createHash("sha256").update(text).digest("hex")}`;
}
