// What a thread of the kernel does for a container (io_uring with SQPOLL) is the container's own doing: told, and refused.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

for (const [level, ends] of [
  ["off", { isWritten: true, told: [] }],
  ["detect", { isWritten: true, told: ["seen"] }],
  ["block", { isWritten: false, told: ["killed"] }],
] as const) {
  test(`a protected path that a thread of the kernel writes to, at ${level}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-ring-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "protected"));
    const { ok, events } = await suite.act(["io-uring-polled-write", "/host/protected/polled"], {
      protection: { ...protect({ "host-paths": level }), protectedPaths: [join(folder, "protected")] },
      host: { Binds: [`${folder}:/host`] },
    });
    const broken = events.filter(({ protection }) => protection === "host-paths");
    const told = [...new Set(broken.map(({ verdict }) => verdict))];
    // The name is there before its maker is stopped: what is in it is not.
    const isMade = existsSync(join(folder, "protected", "polled"));
    assert.deepEqual({ isWritten: ok, told, isMade }, { ...ends, isMade: true });
  });
}
