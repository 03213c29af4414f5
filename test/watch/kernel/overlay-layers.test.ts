// Where the layers of a container's files lie, from what the kernel says of its mounts.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { placesOf, readOverlayMounts } from "../../../src/watch/kernel/overlay-layers.ts";

test("layers are read with blanks, colons and commas in their names, and none that is not named from the root", () => {
  const line = (folder: string, options: string): string =>
    `36 35 0:51 / ${folder} rw,relatime - overlay overlay ${options}`;
  const mounts = readOverlayMounts(
    [
      line("/", "rw,lowerdir=/a\\040b:/c\\:d,upperdir=/up\\,per,workdir=/w"),
      line("/relative", "rw,lowerdir=l/A:l/B,upperdir=x/diff,workdir=x/work"),
      "37 36 8:1 / /data rw - ext4 /dev/sda rw",
      "",
    ].join("\n"),
  );
  assert.deepEqual(mounts, [{ folder: "/", upper: "/up,per", lower: ["/a b", "/c:d"] }]);
});

test("a file of the image is found in its uppermost layer, and never through a link that an image made", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-layers-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["first/bin", "second/bin", "third"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["second/bin/ls", "first/bin/cat", "second/bin/cat"]) writeFileSync(join(folder, name), "x");
  symlinkSync("/bin", join(folder, "third/sbin"));
  const lower = ["first", "second", "third"].map((name) => join(folder, name));
  const mounts = [{ folder: "/", upper: "/up", lower }];
  const found = ["/bin/cat", "/bin/ls", "/sbin/sh", "/bin/../bin/ls", "/bin", "/nothing"].map(
    (path) => placesOf(mounts, path)?.lower.slice(folder.length) ?? "none",
  );
  assert.deepEqual(found, ["/first/bin/cat", "/second/bin/ls", "none", "none", "none", "none"]);
});
