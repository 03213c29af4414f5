// Code that was not in the image: each way runs where nobody watches, is told where it is detected, and does not run where
// it is blocked.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProtectionLevel } from "../../../src/model/watch.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

const ways = [
  { way: "a new program", act: "drop-exec", kind: "exec", path: "/dropped", origin: "new" },
  {
    way: "a program of the image with other bytes",
    act: "changed-exec",
    kind: "exec",
    path: "/testers/changed",
    origin: "copied changed",
  },
  {
    way: "a program with other bytes, and the size and time that it had",
    act: "forged-exec",
    kind: "exec",
    path: "/testers/changed",
    origin: "copied changed",
  },
  { way: "a program on a tmpfs", act: "tmpfs-exec", kind: "exec", path: "/dev/shm/dropped", origin: "memory" },
  { way: "a program in memory", act: "memfd-exec", kind: "exec", path: "memfd:nothing", origin: "memory unlinked" },
  { way: "a deleted program", act: "unlinked-exec", kind: "exec", path: "/gone", origin: "new unlinked" },
  { way: "a new script", act: "script-exec", kind: "open", path: "/dropped.sh", origin: "new" },
  { way: "a new library", act: "map-dropped-library", kind: "map-executable", path: "/dropped.so", origin: "new" },
  {
    way: "a new library that is mapped as data first",
    act: "mprotect-dropped-library",
    kind: "map-executable",
    path: "/later.so",
    origin: "new",
  },
] as const;

for (const { way, act, kind, path, origin } of ways) {
  test(`${way} runs unwatched, is told when detected, and stopped when blocked`, { skip }, async () => {
    const play = async (level: ProtectionLevel) => {
      const run = await suite.act([act], { protection: protect({ drift: level }) });
      const told = run.events.filter((event) => event.protection === "drift");
      return {
        ran: run.ok,
        told: told.map((event) => ({
          kind: event.kind,
          path: event.path,
          verdict: event.verdict,
          origin: words(event.origin),
        })),
      };
    };
    assert.deepEqual(
      { off: await play("off"), detect: await play("detect"), block: await play("block") },
      {
        off: { ran: true, told: [] },
        detect: { ran: true, told: [{ kind, path, verdict: "seen", origin }] },
        block: { ran: false, told: [{ kind, path, verdict: stopped(), origin }] },
      },
    );
  });
}

test("an image's own programs, links to them and interpreters run under block as ever", { skip }, async () => {
  const run = await suite.watched().run({
    image: "tester:1",
    command: [
      "sh",
      "-c",
      "ls / >/dev/null && cp /bin/busybox /tmp/copy && find /etc -name passwd && chmod 755 /bin/ls && ls /etc/passwd",
    ],
    protection: protect({ drift: "block", memory: "block", escape: "block" }),
  });
  assert.deepEqual(
    { exitCode: run.exitCode, stopped: run.events.filter((event) => event.verdict !== "seen") },
    { exitCode: 0, stopped: [] },
  );
});

test("a program that is written to and looked at again by its bytes runs when they are the image's", {
  skip,
}, async () => {
  const run = await suite.act(["reopened-exec"], { protection: protect({ drift: "block" }) });
  assert.deepEqual(
    { ran: run.ok, stopped: run.events.filter((event) => event.protection === "drift") },
    { ran: true, stopped: [] },
  );
});

test("a program that was copied up with the bytes that it had runs under block", { skip }, async () => {
  const run = await suite.act(["touched-exec"], { protection: protect({ drift: "block" }) });
  assert.deepEqual(
    { ran: run.ok, stopped: run.events.filter((event) => event.protection === "drift") },
    { ran: true, stopped: [] },
  );
});

/** With an error where the kernel asks first, with a signal elsewhere. */
function stopped(): "denied" | "killed" {
  return suite.sensor().tiers.some(({ tier, works }) => tier === "lsm" && works) ? "denied" : "killed";
}

function words(origin: Readonly<Record<string, boolean>> | undefined): string {
  const names = { isNew: "new", isCopied: "copied", isChanged: "changed", isMemory: "memory", isUnlinked: "unlinked" };
  return Object.entries(names)
    .flatMap(([field, word]) => (origin?.[field] === true ? [word] : []))
    .join(" ");
}
