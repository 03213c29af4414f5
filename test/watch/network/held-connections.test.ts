// Connections that were held for a name: whoever has many of them refused, over and over, does not keep the watch busy.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerPlace, KernelEvent } from "../../../src/model/watch.ts";
import { nobody } from "../../../src/watch/process-events/describe-process.ts";
import { createHeldConnections } from "../../../src/watch/streams/end-held.ts";

const place: ContainerPlace = { id: "a".repeat(64), engine: "docker", cgroupPath: "/none", topCgroupId: 1 };
const refused = (more: Partial<KernelEvent> = {}): KernelEvent => ({
  ...{ kind: "send", time: 0, cgroupId: 1, process: nobody, verdict: "denied", protection: "network", path: "" },
  ...{ origin: undefined, argv: [], isCut: false, address: "203.0.113.8", port: 80, targetPid: 0, targetCgroupId: 0 },
  details: { type: 1, protocol: 6 },
  ...more,
});

/** @returns how often it was looked for, while such events came in without end for so long */
async function looksDuring(ms: number, event: KernelEvent, busyMs = 0): Promise<number> {
  let looks = 0;
  const held = createHeldConnections({
    groupsOf: () => [1],
    placeOf: () => place,
    pidsOf: () => {
      looks++;
      const until = performance.now() + busyMs;
      while (performance.now() < until);
      return [];
    },
  });
  const flood = setInterval(() => held.see(event), 1);
  await sleep(ms);
  clearInterval(flood);
  held.close();
  return looks;
}

test("a container that is slow to look through is looked through a fifth of the time at most", async () => {
  const looks = await looksDuring(1500, refused(), 100);
  assert.ok(looks >= 1 && looks <= 4, String(looks));
});

test("only a stream that was refused when it began is looked for", async () => {
  const others = [
    refused({ verdict: "seen" }),
    refused({ kind: "connect" }),
    refused({ details: { type: 2, protocol: 17 } }),
    refused({ protection: "escape" }),
  ];
  const looks = await Promise.all(others.map((event) => looksDuring(300, event)));
  assert.deepEqual([looks, (await looksDuring(1000, refused())) > 0], [[0, 0, 0, 0], true]);
});
