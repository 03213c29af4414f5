// The gate sets flags of V8 that V8 promises to nobody: a new Node may not know one any more, says so on standard error, and
// goes on without it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const files = ["early-code.ts", "small-memory.ts"];

test("this Node knows every flag that the gate sets", () => {
  const paths = files.map((file) => new URL(`../../src/service/${file}`, import.meta.url).href);
  const program = `
    for (const path of ${JSON.stringify(paths)}) for (const set of Object.values(await import(path))) set();
    process.exit(0);
  `;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
});
