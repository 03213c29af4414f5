// A proposal is written by root, perhaps into a folder that others may write.

import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeProposal } from "../../../src/cli/watch/show-proposal.ts";
import { temporaryFolder } from "../../findings/database-of.ts";

test("a link that waits for a proposal leads nowhere", (t) => {
  const folder = temporaryFolder(t);
  const precious = join(folder, "precious");
  writeFileSync(precious, "precious");
  for (const name of ["web.yaml", "web.yaml.new"]) symlinkSync(precious, join(folder, name));
  const profile = { name: "web", images: [] };
  writeProposal({ profile, files: [{ name: "web.yaml", text: "name: web\n" }], flags: [], notes: [] }, folder);
  assert.deepEqual(
    [readFileSync(precious, "utf8"), readFileSync(join(folder, "web.yaml"), "utf8")],
    ["precious", "name: web\n"],
  );
});
