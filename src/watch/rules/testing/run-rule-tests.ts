// Runs tests of rules; which rules no test made tell anything is part of the result.

import type { KernelEvent, WatchedContainer } from "../../../model/watch.ts";
import type { TreeProcess } from "../../process-tree/process-tree.ts";
import type { WatchRule } from "../rule.ts";
import type { RuleSet } from "../rule-set.ts";
import type { Subject } from "../subject.ts";
import type { RuleTest } from "./rule-tests.ts";

export type RuleTestFailure = {
  readonly test: RuleTest;
  readonly expected: readonly string[];
  readonly found: readonly string[];
};

export type RuleTestReport = {
  readonly passed: number;
  readonly failures: readonly RuleTestFailure[];
  /** Rules that no passing test makes tell something. */
  readonly untested: readonly WatchRule[];
};

export function runRuleTests(tests: readonly RuleTest[], rules: RuleSet): RuleTestReport {
  const results = tests.map((test) => {
    const subject = toSubject(test);
    const found = rules
      .of(test.event.kind)
      .filter((rule) => rule.judge(subject))
      .map((rule) => rule.name)
      .sort();
    return { test, expected: test.alerts.toSorted(), found };
  });
  const failures = results.filter(({ expected, found }) => expected.join(" ") !== found.join(" "));
  const told = new Set(results.filter((result) => !failures.includes(result)).flatMap(({ found }) => found));
  return {
    passed: results.length - failures.length,
    failures,
    untested: rules.rules.filter((rule) => !told.has(rule.name)),
  };
}

const ownGroup = 100;
const otherGroup = 200;
const hostGroup = 1;

function toSubject(test: RuleTest): Subject {
  const { container: named, process: { stdin = "", stdout = "" } = {} } = test;
  const container = named?.isHost ? undefined : toContainer("1".repeat(64), named ?? {});
  const event = toEvent(test);
  return {
    event,
    process: toProcess(test, event),
    container,
    targetContainer: targetOf(test, container),
    found: {},
    descriptor: (fd) => (fd === 0 ? stdin : stdout),
  };
}

function targetOf({ event }: RuleTest, container: WatchedContainer | undefined): WatchedContainer | undefined {
  if (event.target === "other") return toContainer("2".repeat(64), { name: "other" });
  return event.target === "same" ? container : undefined;
}

function toContainer(id: string, named: NonNullable<RuleTest["container"]>): WatchedContainer {
  const { name = "web", image = "web:1", owner = "unix:bob", labels = {} } = named;
  return { id, name, engine: "docker", image, imageId: `sha256:${"3".repeat(64)}`, owner, labels };
}

function toEvent({ event, process = {} }: RuleTest): KernelEvent {
  const { origin, target, path = "", argv = [], address = "", port = 0, details = {} } = event;
  const groups = { same: ownGroup, other: otherGroup, host: hostGroup } as const;
  return {
    ...{ kind: event.kind, time: 0, cgroupId: ownGroup, path, argv, isCut: false, address, port, details },
    process: {
      ...{ pid: 20, threadId: 20, parentPid: 10, containerPid: 2, startedAt: 1, mountNamespace: 1 },
      uid: process.uid ?? 0,
      name: process.name ?? "",
    },
    verdict: event.verdict ?? "seen",
    protection: event.protection,
    origin: origin && {
      isNew: origin.includes("new"),
      isCopied: origin.includes("copied"),
      isMemory: origin.includes("memory"),
      isUnlinked: origin.includes("unlinked"),
    },
    targetPid: target === undefined ? 0 : 30,
    targetCgroupId: target === undefined ? 0 : groups[target],
  };
}

/** What an exec makes of a process is what it then is. */
function toProcess({ process = {}, parents = [] }: RuleTest, event: KernelEvent): TreeProcess {
  const isExec = event.kind === "exec";
  const chain = [{ path: isExec ? event.path : "", argv: isExec ? event.argv : [], ...process }, ...parents];
  return (
    chain.reduceRight<TreeProcess | undefined>(
      (parent, each, index) => makeProcess(each, 20 + index, parent),
      undefined,
    ) ?? makeProcess({}, 20, undefined)
  );
}

function makeProcess(
  {
    path = "",
    name = path.slice(path.lastIndexOf("/") + 1),
    argv = [name],
    uid = 0,
  }: NonNullable<RuleTest["parents"]>[number],
  pid: number,
  parent: TreeProcess | undefined,
): TreeProcess {
  return {
    pid,
    startedAt: 1,
    containerPid: pid,
    cgroupId: ownGroup,
    uid,
    name,
    path,
    argv,
    parent,
    isInside: true,
    hasEnded: false,
  };
}
