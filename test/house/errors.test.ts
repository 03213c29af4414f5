// Every error code has a section in docs/errors.md, and every section is a code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./source-files.ts";

test("docs/errors.md and the code list the same error codes", () => {
  const code = readFileSync(join(root, "src/base/errors.ts"), "utf8");
  const union = /export type ErrorCode =([^;]*);/.exec(code)?.[1] ?? "";
  const declared = [...union.matchAll(/^\s*\| "([A-Z_]+)"/gm)].map((match) => match[1]);
  const docs = readFileSync(join(root, "docs/errors.md"), "utf8");
  const documented = [...docs.matchAll(/^## ([A-Z_]+)$/gm)].map((match) => match[1]);
  assert.ok(declared.length > 10);
  assert.deepEqual(documented.sort(), declared.sort());
});
