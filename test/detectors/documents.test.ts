// The tables of rules in the manual and the rules in the code are the same, in both directions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configRules } from "../../src/findings/image-configuration/config-rules.ts";
import { entryRules } from "../../src/findings/image-configuration/entry-rules.ts";
import { textRules } from "../../src/findings/image-configuration/text-rules.ts";
import { ignoreRules } from "../../src/findings/lint/ignore-comments.ts";
import { lintRules } from "../../src/findings/lint/rules.ts";
import { readShippedRules } from "../../src/findings/malware/shipped-rules.ts";
import { passwordByName } from "../../src/findings/secrets/config-secrets.ts";
import { secretRules } from "../../src/findings/secrets/rules.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** Rows of the tables that name a rule and a severity. */
function documented(page: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, "../../docs", page), "utf8");
  return text.split("\n").filter((line) => /^\| `[\w-]+` \| (?:negligible|low|medium|high|critical) \|/.test(line));
}

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

test("docs/secrets.md lists every secret rule", () => {
  const rules = [...secretRules, passwordByName];
  assert.deepEqual(
    documented("secrets.md"),
    rules.map(({ id, severity, title }) => row(`\`${id}\``, severity, cell(title))),
  );
});

test("docs/image-configuration.md lists every rule for images, with what to do", () => {
  const rules = [...configRules, ...entryRules, ...textRules];
  assert.deepEqual(
    documented("image-configuration.md"),
    rules.map(({ id, severity, title, remedy }) => row(`\`${id}\``, severity, cell(title), cell(remedy))),
  );
});

test("docs/malware.md lists every rule that ships", () => {
  const rules = readShippedRules().flatMap(({ text }) =>
    [...text.matchAll(/^rule (\w+)[^{]*\{\s*meta:\s*title = "(.*)"\s*severity = "(\w+)"/gm)].map((match) =>
      match.slice(1),
    ),
  );
  assert.deepEqual(
    documented("malware.md"),
    rules.map(([id = "", title = "", severity = ""]) => row(`\`${id}\``, severity, cell(title))),
  );
});

test("docs/lint.md lists every rule for Dockerfiles, with what to do", () => {
  const rules = [...lintRules, ...ignoreRules];
  assert.deepEqual(
    documented("lint.md"),
    rules.map(({ id, severity, title, hint }) => row(`\`${id}\``, severity, cell(title), cell(hint))),
  );
});
