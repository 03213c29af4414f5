// Events through the pipeline, without a kernel: process trees, incidents, floods, what is held and for how long.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelEvent } from "../../src/model/watch.ts";
import { createFloodGuard } from "../../src/watch/alerts/flood-guard.ts";
import { createIncidentBook } from "../../src/watch/incidents/incident-book.ts";
import { createLastEvents } from "../../src/watch/last-events.ts";
import { handleEvent } from "../../src/watch/pipeline.ts";
import {
  createProcessTree,
  type FoundProcess,
  maxAncestors,
  type ProcessTree,
} from "../../src/watch/process-tree/process-tree.ts";
import { readProcess } from "../../src/watch/process-tree/read-process.ts";
import { readRuleFile } from "../../src/watch/rules/rule-file.ts";
import { buildRuleSet } from "../../src/watch/rules/rule-set.ts";
import type { Watch } from "../../src/watch/watch.ts";
import { aContainer, anEvent } from "../support/watch.ts";

function tree(lookUp: (pid: number) => FoundProcess | undefined = () => undefined, maxProcesses = 1000): ProcessTree {
  return createProcessTree({ lookUp, groupOf: (group) => group, containerIdOf: () => "c", maxProcesses });
}

function by(pid: number, startedAt: number, parentPid: number, differs: Partial<KernelEvent> = {}): KernelEvent {
  const base = anEvent(differs);
  return { ...base, process: { ...base.process, pid, startedAt, parentPid } };
}

const second = 1_000_000_000;

test("a pid that is used again is another process, with other parents", () => {
  const processes = tree();
  processes.see(by(10, 1 * second, 1, { path: "/bin/sh", argv: ["sh"] }));
  const first = processes.see(by(20, 2 * second, 10, { path: "/bin/a", argv: ["a"] }));
  processes.see(by(20, 2 * second, 10, { kind: "exit" }));
  const again = processes.see(by(20, 9 * second, 11, { kind: "open", path: "/etc/x" }));
  assert.deepEqual(
    [first.parent?.path, first.hasEnded, again === first, again.parent, again.path],
    ["/bin/sh", true, false, undefined, ""],
  );
});

test("a child is what its parent was until it executes something", () => {
  const processes = tree();
  processes.see(by(10, 1 * second, 1, { path: "/bin/sh", argv: ["sh"] }));
  processes.see(
    by(10, 1 * second, 1, { kind: "fork", targetPid: 20, details: { startedAt: 2 * second, containerPid: 5 } }),
  );
  const child = processes.see(by(20, 2 * second, 10, { kind: "connect" }));
  const before = child.path;
  processes.see(by(20, 2 * second, 10, { path: "/bin/b", argv: ["b"], verdict: "denied" }));
  const refused = child.path;
  processes.see(by(20, 2 * second, 10, { path: "/bin/b", argv: ["b"] }));
  assert.deepEqual([before, refused, child.path, child.parent?.path], ["/bin/sh", "/bin/sh", "/bin/b", "/bin/sh"]);
});

test("who was there before the watch is looked up, and only within the container", () => {
  const found: Record<number, FoundProcess> = {
    10: {
      startedAt: 1 * second,
      parentPid: 5,
      name: "nginx",
      path: "/usr/sbin/nginx",
      argv: ["nginx"],
      containerId: "c",
    },
    5: { startedAt: 1, parentPid: 1, name: "shim", path: "/usr/bin/shim", argv: ["shim"], containerId: "" },
  };
  const processes = tree((pid) => found[pid]);
  const child = processes.see(by(20, 3 * second, 10));
  assert.deepEqual(
    [child.parent?.path, child.parent?.isInside, child.parent?.parent?.isInside],
    ["/usr/sbin/nginx", true, false],
  );
});

test("the system says of this very process what it is", () => {
  const found = readProcess(process.pid);
  assert.deepEqual(
    [found?.parentPid, found?.path, (found?.startedAt ?? 0) > 0, readProcess(2 ** 30)],
    [process.ppid, process.execPath, true, undefined],
  );
});

test("neither many processes nor a long line of them take memory without end", () => {
  const processes = tree(undefined, 100);
  for (let pid = 2; pid < 5000; pid++) processes.see(by(pid, pid * second, pid - 1));
  let length = 0;
  for (let at = processes.find(4999); at !== undefined; at = at.parent) length++;
  assert.deepEqual([processes.size(), length <= maxAncestors + 2], [100, true]);
});

test("alerts of one process tree are one incident until it was quiet for long", () => {
  let nowMs = 0;
  const book = createIncidentBook({ nowMs: () => nowMs, quietMs: 1000 });
  const processes = tree();
  const root = processes.see(by(10, 1 * second, 1, { path: "/bin/sh" }));
  const child = processes.see(by(20, 2 * second, 10));
  const other = processes.see(by(30, 3 * second, 1, { path: "/bin/exec" }));
  const [one, two, three] = [book.of(root), book.of(child), book.of(other)];
  nowMs = 1500;
  const later = book.of(root);
  assert.deepEqual([one === two, one === three, one === later], [true, false, false]);
});

test("of a flood of alerts some are told, and the next one says how many were not", () => {
  let nowMs = 0;
  const guard = createFloodGuard({ perMinute: 6, burst: 3, nowMs: () => nowMs });
  const told = Array.from({ length: 100 }, () => guard.admit("rule web"));
  const other = guard.admit("rule db");
  nowMs = 10_000;
  assert.deepEqual(
    [told.slice(0, 4), guard.heldBack(), other, guard.admit("rule web"), guard.admit("rule web")],
    [[0, 0, 0, undefined], 97, 0, 97, undefined],
  );
});

test("the last events of a container are kept in order, those of others are not", () => {
  const last = createLastEvents();
  for (let port = 0; port < 1000; port++) last.add("a", anEvent({ port }));
  assert.deepEqual(
    [last.of("a").length, last.of("a")[0]?.port, last.of("a").at(-1)?.port, last.of("b")],
    [256, 744, 999, []],
  );
});

test("what breaks a protection is told even without a rule, unless a rule says that it is as it should be", () => {
  const file = `rules:
  - { name: sockets, summary: s, protection: escape, severity: notice, on: [socket], message: m, when: socket.type == "raw", exceptions: [{ name: p, when: process.name == "ping" }] }
  - { name: broken, summary: s, protection: drift, severity: notice, on: [socket], message: m, when: socket.type == "odd" }`;
  const rules = buildRuleSet({ files: [readRuleFile("x.yaml", file)], responses: [] });
  const told: string[] = [];
  const detect = {
    drift: "detect",
    memory: "off",
    escape: "detect",
    "host-paths": "detect",
    network: "detect",
    malware: "detect",
    mining: "detect",
  } as const;
  const watch: Watch = {
    containers: { of: () => aContainer },
    processes: tree(),
    rules,
    activity: { count: () => undefined },
    levelsOf: () => detect,
    judge: (rule, subject) => rule.judge(subject),
    answer: (rule) => told.push(rule.name),
    descriptorOf: () => "",
  };
  const at = (name: string, differs: Partial<KernelEvent>): void => {
    const event = by(20, second, 10, { kind: "socket", protection: "escape", ...differs });
    handleEvent({ ...event, process: { ...event.process, name } }, watch);
    told.push("|");
  };
  at("x", { details: { type: "raw" } });
  at("ping", { details: { type: "raw" } });
  at("x", { details: { type: "odd" } });
  at("x", { details: { type: "stream" } });
  at("x", { protection: undefined });
  at("x", { kind: "mount" });
  at("x", { kind: "memory", protection: "memory" });
  assert.equal(told.join(" "), "sockets | | broken | kernel-escape | | kernel-escape | |");
});
