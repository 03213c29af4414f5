// The ways out of a container that the kernel offers: each works unwatched, and comes to nothing where it is blocked.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelEvent, ProtectionLevel } from "../../../src/model/watch.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

/** What is told first; `path` where the kernel says one. */
const ways: readonly (readonly [act: string, kind: KernelEvent["kind"], path: string])[] = [
  ["mount", "mount", "/mnt"],
  ["fsopen", "mount", "tmpfs"],
  ["bpf-map", "bpf", ""],
  ["unshare-user", "unshare", ""],
  ["clone-user", "unshare", ""],
  ["setns-mount", "setns", ""],
  ["core-pattern", "open", "/proc/sys/kernel/core_pattern"],
  ["keyctl", "keyctl", ""],
  ["userfaultfd", "userfaultfd", ""],
  ["packet-socket", "socket", ""],
  ["raw-socket", "socket", ""],
  ["open-by-handle", "open", "/etc/hosts"],
];

for (const [act, kind, path] of ways) {
  test(`${act} works unwatched, is told when detected, and comes to nothing when blocked`, { skip }, async () => {
    const play = async (level: ProtectionLevel) => {
      const run = await suite.act([act], { protection: protect({ escape: level }) });
      const first = run.events.find((event) => event.protection === "escape");
      return { works: run.ok, kind: first?.kind, path: first?.path, isStopped: (first?.verdict ?? "seen") !== "seen" };
    };
    const off = await play("off");
    const detect = await play("detect");
    const block = await play("block");
    assert.deepEqual(
      { off, detect, block: { ...block, path: undefined } },
      {
        off: { works: true, kind: undefined, path: undefined, isStopped: false },
        detect: { works: true, kind, path, isStopped: false },
        block: { works: false, kind, path: undefined, isStopped: true },
      },
    );
  });
}

test("a file that is opened through io_uring is seen, and its opener stopped where nothing better can", {
  skip,
}, async () => {
  const hasLsm = suite.sensor().tiers.some(({ tier, works }) => tier === "lsm" && works);
  const detect = await suite.act(["io-uring-file"], { protection: protect({ escape: "detect" }) });
  const block = await suite.act(["io-uring-file"], { protection: protect({ escape: "block" }) });
  const seen = detect.events.some(({ kind, details }) => kind === "io-uring" && details["operation"] !== undefined);
  // With LSM programs the file itself is asked for, and this one is the container's own.
  assert.deepEqual({ seen, detect: detect.ok, block: block.ok }, { seen: true, detect: true, block: hasLsm });
});

test("a second program in a blocked container can be started by the engine, as health checks are", {
  skip,
}, async () => {
  const strict = protect({ drift: "block", memory: "block", escape: "block", "host-paths": "block" });
  const id = await suite.watched().create({ image: "tester:1", command: ["sh", "-c", "sleep 30"], protection: strict });
  await suite.watched().start(id);
  const answer = await suite.watched().exec(id, ["sh", "-c", "echo alive; cp /bin/busybox /new; /new echo ran"]);
  await suite.watched().kill(id);
  const run = await suite.watched().finish(id);
  const stopped = run.events.filter((event) => event.verdict !== "seen").map((event) => [event.kind, event.path]);
  assert.deepEqual({ answer, stopped }, { answer: "alive", stopped: [["exec", "/new"]] });
});

test("ten containers that start at once under block all start, and nothing of their start is told", {
  skip,
}, async () => {
  const strict = protect({ drift: "block", memory: "block", escape: "block", "host-paths": "block", network: "block" });
  const runs = await Promise.all(
    Array.from({ length: 10 }, () =>
      suite.watched().run({ command: ["sh", "-c", "echo up"], image: "tester:1", protection: strict }),
    ),
  );
  assert.deepEqual(
    runs.map((run) => [run.exitCode, run.output, run.events.filter((event) => event.protection !== undefined).length]),
    runs.map(() => [0, "up\n", 0]),
  );
});
