// The watch: kernel event -> container -> process tree -> rule -> response. One event, read top to bottom.

import type { KernelEvent } from "../model/watch.ts";
import { kernelRule } from "./rules/kernel-rules.ts";
import type { Subject } from "./rules/subject.ts";
import type { Watch } from "./watch.ts";

/** Never throws: a rule that fails on an event is told once and then left out. */
export function handleEvent(event: KernelEvent, watch: Watch): void {
  const container = watch.containers.of(event.cgroupId);
  const process = watch.processes.see(event);
  watch.activity.count(event, container);
  const rules = watch.rules.of(event.kind);
  if (rules.length === 0 && event.protection === undefined) return;
  const levels = watch.levelsOf(container);
  const subject: Subject = {
    ...{ event, process, container, found: {} },
    targetContainer: event.targetCgroupId > 0 ? watch.containers.of(event.targetCgroupId) : undefined,
    descriptor: (fd) => watch.descriptorOf(process.pid, fd),
  };
  let isExplained = event.protection === undefined;
  for (const rule of rules) {
    const level = levels[rule.protection];
    if (level === "off") continue;
    if (watch.judge(rule, subject)) watch.answer(rule, subject, level);
    else if (isExplained || !rule.isExcused(subject)) continue;
    isExplained = true;
  }
  // What the kernel itself refused, or would have, is told even where nobody wrote a rule for it.
  const silent = isExplained || event.protection === undefined ? undefined : kernelRule(event.protection);
  if (silent !== undefined && levels[silent.protection] !== "off") watch.answer(silent, subject, "detect");
}
