// Files without a name: what they hold, and that nothing stays behind, however the program ends.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { UnnamedFile } from "../../src/base/unnamed-file.ts";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-unnamed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("what is put into a file without a name is read by its path, and no name is ever seen", async (t) => {
  const folder = folderFor(t);
  const file = UnnamedFile.open(folder);
  await file.append(Buffer.from("one "));
  file.appendNow(Buffer.from("two"));
  const seen = [readFileSync(file.path, "latin1"), file.size, readdirSync(folder)];
  file.close();
  assert.deepEqual(seen, ["one two", 7, []]);
});

test("where descriptors have no path it keeps a name until it is closed, and what a killed program left is taken away", async (t) => {
  const folder = folderFor(t);
  const { pid: gone } = spawnSync("true");
  for (const name of [`plimsoll-spool-${gone}-abc`, "plimsoll-spool-1-abc", "plimsoll-spool-x", "another"])
    mkdirSync(join(folder, name));
  const file = UnnamedFile.open(folder, join(folder, "no such folder"));
  await file.append(Buffer.from("kept"));
  const text = readFileSync(file.path, "latin1");
  const during = readdirSync(folder).length;
  file.close();
  assert.deepEqual(
    [text, during, readdirSync(folder).sort()],
    ["kept", 4, ["another", "plimsoll-spool-1-abc", "plimsoll-spool-x"]],
  );
});

test("a folder that is not there is named", () => {
  assert.throws(() => UnnamedFile.open("/nowhere/at/all"), {
    code: "PERMISSION_NEEDED",
    message: /^\/nowhere\/at\/all: /,
  });
});
