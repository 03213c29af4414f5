// One container takes another's memory, in every way that the kernel offers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerProtection, ProtectionLevel } from "../../../src/model/watch.ts";
import { request } from "../../support/http.ts";
import { testerImage } from "../../support/testers.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const everything = protect({ drift: "detect" });
let victim = "";

const suite = watchedSuite({}, async ({ engine, watched }) => {
  // Shared memory can only be reached by who is let in.
  const host = { IpcMode: "shareable" };
  const command = ["/testers/tester", "victim"];
  victim = await watched().create({ image: testerImage, command, host, protection: everything });
  await watched().start(victim);
  for (let tries = 0; tries < 100; tries++) {
    const logs = await request(engine().socket, "GET", `/containers/${victim}/logs?stdout=1`);
    if (logs.text.includes("ready")) return;
    await sleep(50);
  }
});
const { skip } = suite;

const ways = [
  ["ptrace", "memory-ptrace"],
  ["ptrace without a stop", "memory-ptrace-seize"],
  ["process_vm_readv", "memory-process-vm-readv"],
  ["process_vm_writev", "memory-process-vm-writev"],
  ["reading /proc/PID/mem", "memory-proc-mem"],
  ["writing /proc/PID/mem", "memory-proc-mem-write"],
  ["pidfd_getfd", "memory-pidfd-getfd"],
  ["a segment of shared memory", "memory-shared-segment"],
] as const;

for (const [way, act] of ways) {
  test(`another container's memory is reached by ${way} unwatched, and not when it is blocked`, { skip }, async () => {
    const off = await scrape(act, protect({ memory: "off" }));
    const detect = await scrape(act, protect({ memory: "detect" }));
    const block = await scrape(act, protect({ memory: "block" }));
    assert.deepEqual(
      { off, detect, block },
      {
        off: { reached: true, told: [] },
        detect: { reached: true, told: [["seen", victim]] },
        block: { reached: false, told: [[hard(), victim]] },
      },
    );
  });
}

test("a container that is to be protected is, from one that nobody watches more than that", { skip }, async () => {
  suite.sensor().protect(victim, { ...everything, levels: { ...everything.levels, memory: "block" } });
  const scraped = await scrape("memory-process-vm-readv", protect({ drift: "detect" }));
  suite.sensor().protect(victim, everything);
  assert.deepEqual(scraped, { reached: false, told: [[hard(), victim]] });
});

test("a debugger within its own container works under block", { skip }, async () => {
  const run = await suite.act(["memory-own-child"], {
    protection: protect({ memory: "block" }),
    host: { PidMode: "" },
  });
  const told = run.events.filter((event) => event.kind === "memory").map((event) => [event.verdict, event.protection]);
  assert.deepEqual({ ok: run.ok, told }, { ok: true, told: [["seen", undefined]] });
});

type Level = ProtectionLevel;
const levels: readonly Level[] = ["off", "detect", "block"];

test("the host's memory is as far away as a neighbour's", { skip }, async () => {
  const told: unknown[] = [];
  for (const level of levels) {
    // The shell that the container shares its processes with is the host's: process 1 of the engine's own namespace.
    const run = await suite.watched().run({
      image: testerImage,
      command: ["sh", "-c", "head -c 1 /proc/1/mem; echo $? > /dev/null; echo end"],
      host: { PidMode: "host", CapAdd: ["SYS_PTRACE"] },
      protection: protect({ memory: level }),
    });
    told.push(run.events.filter((event) => event.protection === "memory").map((event) => [event.path, event.verdict]));
  }
  assert.deepEqual(told, [
    [],
    [["/proc/1/mem", "seen"]],
    [[...(hard() === "denied" ? [""] : ["/proc/1/mem"]), hard()]],
  ]);
});

async function scrape(act: string, protection: ContainerProtection): Promise<unknown> {
  const run = await suite.act([act], { protection, host: { IpcMode: `container:${victim}` } });
  const told = run.events.filter((event) => event.protection === "memory");
  return {
    reached: run.ok,
    told: told.map((event) => [event.verdict, suite.sensor().containerOf(event.targetCgroupId)?.id]),
  };
}

function hard(): "denied" | "killed" {
  return suite.sensor().tiers.some(({ tier, works }) => tier === "lsm" && works) ? "denied" : "killed";
}
