// What a learner takes from events, and what it leaves to those who would like to teach it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelEvent, KernelEventKind } from "../../../src/model/watch.ts";
import { Learner } from "../../../src/watch/learn/learner.ts";
import { systemCallName } from "../../../src/watch/learn/system-call-names.ts";

type Made = Partial<Omit<KernelEvent, "process" | "kind">> & { readonly pid?: number; readonly uid?: number };

function event(kind: KernelEventKind, { pid = 10, uid = 0, ...more }: Made = {}): KernelEvent {
  const process = {
    ...{ pid, threadId: pid, parentPid: 1, containerPid: 1, startedAt: 1, uid, name: "app", mountNamespace: 2 },
  };
  return {
    ...{ kind, time: 0, cgroupId: 7, process, verdict: "seen", protection: undefined, path: "", origin: undefined },
    ...{ argv: [], isCut: false, address: "", port: 0, targetPid: 0, targetCgroupId: 0, details: {} },
    ...more,
  };
}

const summary = {
  ...{ imageId: "sha256:a", image: "app:1", from: "", to: "", lost: 0, mostMemory: 0, calls: undefined, rootUid: 0 },
};

function learnt(...events: readonly KernelEvent[]) {
  const learner = new Learner();
  for (const each of events) learner.see({ event: each, program: "/bin/app", parent: "/bin/sh", containerId: "c" });
  return learner.behaviour(summary);
}

const ofImage = { isNew: false, isCopied: false, isMemory: false, isUnlinked: false };
const write = { flags: 0o101 };

test("programs of the image are learnt, others are told", () => {
  const behaviour = learnt(
    event("exec", { path: "/bin/sh", origin: ofImage }),
    event("exec", { path: "/bin/app", origin: ofImage }),
    event("exec", { path: "/tmp/new", origin: { ...ofImage, isNew: true } }),
    event("exec", { path: "/memfd:x", origin: { ...ofImage, isMemory: true } }),
  );
  assert.deepEqual(
    [behaviour.executables, behaviour.children, behaviour.leftOut],
    [
      ["/bin/app", "/bin/sh"],
      [
        { parent: "/bin/sh", child: "/bin/app" },
        { parent: "/bin/sh", child: "/bin/sh" },
      ],
      ["/tmp/new is not of the image, and ran", "/memfd:x is not of the image, and ran"],
    ],
  );
});

test("files that are read are not learnt, and names that could break a rule are told", () => {
  const behaviour = learnt(
    event("open", { path: "/etc/passwd", details: { flags: 0 } }),
    event("open", { path: "/data/x", details: write }),
    event("open", { path: "/data/a\n/** rw,", details: write }),
    event("rename", { path: "/data/to", details: { from: "/data/from" } }),
  );
  assert.deepEqual(
    [behaviour.written, behaviour.leftOut],
    [["/data/from", "/data/to", "/data/x"], ["/data/a\\u{a}/** rw, was written"]],
  );
});

test("a million files are as many as fit, and that is told", () => {
  const learner = new Learner();
  for (let at = 0; at < 30_000; at++) {
    learner.see({
      event: event("open", { path: `/data/${at}`, details: write }),
      program: "",
      parent: "",
      containerId: "c",
    });
  }
  const { written, leftOut } = learner.behaviour(summary);
  assert.deepEqual([written.length, leftOut], [20_000, ["more than 20000 files were written"]]);
});

test("ports that the kernel chose and peers of its own are nobody's choice", () => {
  const behaviour = learnt(
    event("bind", { port: 80, address: "0.0.0.0" }),
    event("bind", { port: 45_000, address: "0.0.0.0" }),
    event("connect", { port: 5432, address: "10.0.0.7" }),
    event("connect", { port: 53, address: "127.0.0.11" }),
  );
  assert.deepEqual([behaviour.ports, behaviour.peers], [[80], [{ to: "10.0.0.7", port: 5432 }]]);
});

test("another user is gained by a file when nobody asked for it, and not when somebody did", () => {
  const asked = learnt(
    event("exec", { uid: 0 }),
    event("set-user", { uid: 0 }),
    event("open", { uid: 33 }),
    event("open", { uid: 33 }),
  );
  const gained = learnt(event("fork", { uid: 33 }), event("exec", { uid: 0 }));
  assert.deepEqual([asked.gainsByFiles, gained.gainsByFiles, asked.users], [false, true, [0, 33]]);
});

test("the most processes at once are counted, not all that ever were", () => {
  const behaviour = learnt(
    ...[1, 2, 3].map((pid) => event("fork", { pid })),
    event("exit", { pid: 1 }),
    event("exit", { pid: 2 }),
    event("fork", { pid: 4 }),
  );
  assert.equal(behaviour.mostProcesses, 3);
});

test("system calls have the names of their architecture", () => {
  assert.deepEqual(
    [
      systemCallName(0, "x64"),
      systemCallName(59, "x64"),
      systemCallName(435, "x64"),
      systemCallName(221, "arm64"),
      systemCallName(400, "x64"),
      systemCallName(9999, "x64"),
    ],
    ["read", "execve", "clone3", "execve", undefined, undefined],
  );
});
