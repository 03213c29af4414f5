// Events and subjects for tests of the watch, each as an ordinary one that differs where the test says so.

import type { Alert, KernelEvent, WatchedContainer } from "../../src/model/watch.ts";
import type { TreeProcess } from "../../src/watch/process-tree/process-tree.ts";
import type { Subject } from "../../src/watch/rules/subject.ts";

export const aContainer: WatchedContainer = {
  id: "1".repeat(64),
  name: "web",
  engine: "docker",
  image: "web:1",
  imageId: `sha256:${"2".repeat(64)}`,
  owner: "unix:bob",
  labels: { a: "1" },
};

export function anEvent(differs: Partial<KernelEvent> = {}): KernelEvent {
  return {
    kind: "exec",
    time: 1_800_000_000_000,
    cgroupId: 100,
    process: {
      ...{ pid: 20, threadId: 20, parentPid: 10, containerPid: 2, startedAt: 5_000_000_000, uid: 0 },
      ...{ name: "x", mountNamespace: 1 },
    },
    ...{ verdict: "seen", protection: undefined, path: "/bin/x", origin: undefined, argv: ["x"], isCut: false },
    ...{ address: "", port: 0, targetPid: 0, targetCgroupId: 0, details: {} },
    ...differs,
  };
}

export function aSubject(event: KernelEvent, parent?: TreeProcess): Subject {
  const { pid, startedAt, containerPid, uid, name } = event.process;
  const { cgroupId, path, argv } = event;
  return {
    event,
    process: { pid, startedAt, containerPid, uid, name, cgroupId, path, argv, parent, isInside: true, hasEnded: false },
    container: aContainer,
    targetContainer: undefined,
    descriptor: () => "",
    found: {},
  };
}

/** Everything that has ever broken a line: breaks, colours, letters that run backwards, a name of 4 KiB. */
export const hostileName: string = `a\nb\rc\u001b[31md\u0007\u202ee\u2028f"]\\${"x".repeat(4096)}`;

export function anAlert(differs: Partial<Alert> = {}): Alert {
  const event = anEvent();
  return {
    id: "01KAQ7Y5D0AAAAAAAAAAAAAAAA",
    time: "2026-11-22T10:00:00.000Z",
    rule: "reverse-shell",
    severity: "critical",
    protection: "mining",
    techniques: ["T1059.004"],
    outcome: "detected",
    message: "sh takes its commands from the network",
    container: aContainer,
    event,
    ancestors: [
      { pid: 20, path: "/bin/sh", argv: ["sh", "-i"] },
      { pid: 10, path: "/usr/sbin/nginx", argv: ["nginx"] },
    ],
    incident: "01KAQ7Y5D0BBBBBBBBBBBBBBBB",
    responses: [],
    ...differs,
  };
}
