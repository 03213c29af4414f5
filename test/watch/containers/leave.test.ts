// A process that gets into another control group than its container's is still its container's: it is told as such, what it
// does there counts, and who moves it is stopped where escapes are blocked.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { ProtectionLevel } from "../../../src/model/watch.ts";
import { findHierarchy } from "../../../src/watch/containers/hierarchy.ts";
import { protect } from "../../support/watched.ts";
import { type Act, generous, watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const unified = findHierarchy("2").folder;
const skip = suite.skip || (existsSync(`${unified}/cgroup.procs`) ? false : "needs control groups of version 2");

/** What a container gets that is given the tree of control groups to write in. */
const host = { ...generous, Binds: [`${unified}:/groups`] };

const ways = { "leave-cgroup": "by its own number", "clone-into-cgroup": "by being born there" } as const;

for (const [act, how] of Object.entries(ways)) {
  test(`a process that leaves the group of its container ${how} stays the container's`, { skip }, async () => {
    const play = async (level: ProtectionLevel): Promise<Act> =>
      await suite.act([act, "/groups"], { protection: protect({ drift: "detect", escape: level }), host });
    const [off, detect, block] = [await play("off"), await play("detect"), await play("block")];
    const told = ({ events }: Act): readonly string[] => [
      ...events.filter(({ protection }) => protection === "escape").map(({ kind, verdict }) => `${kind} ${verdict}`),
      ...events
        .filter(({ kind, protection }) => kind === "exec" && protection === "drift")
        .map(({ kind, path }) => `${kind} ${path.slice(0, 8)}`),
    ];
    const isOpened = act === "leave-cgroup";
    assert.deepEqual(
      { off: [off.ok, told(off)], detect: [detect.ok, told(detect)], block: [block.ok, told(block)] },
      {
        off: [true, ["exec /dropped"]],
        detect: [true, [...(isOpened ? ["open seen"] : []), "cgroup-left seen", "exec /dropped"]],
        block: [false, isOpened ? [`open ${stopped()}`] : ["cgroup-left killed", "exec killed"]],
      },
    );
  });
}

test("groups that a container makes below its own, and programs started in it from outside, leave nothing", {
  skip,
}, async () => {
  const id = await suite.watched().create({
    image: "tester:1",
    command: ["sh", "-c", "sleep 3"],
    protection: protect({ escape: "detect" }),
    host,
  });
  await suite.watched().start(id);
  const own = suite.sensor().containerOf(suite.watched().eventsOf(id)[0]?.cgroupId ?? 0)?.cgroupPath ?? "";
  const said = await suite
    .watched()
    .exec(id, [
      "sh",
      "-c",
      `mkdir /groups${own}/inner && echo 0 > /groups${own}/inner/cgroup.procs && ls / >/dev/null && echo moved; echo 0 > /groups${own}/cgroup.procs; rmdir /groups${own}/inner`,
    ]);
  const { events } = await suite.watched().finish(id);
  assert.deepEqual(
    { said, left: events.filter(({ kind, protection }) => kind === "cgroup-left" || protection === "escape") },
    { said: "moved", left: [] },
  );
});

/** With an error where the kernel asks first, with a signal elsewhere. */
function stopped(): "denied" | "killed" {
  return suite.sensor().tiers.some(({ tier, works }) => tier === "lsm" && works) ? "denied" : "killed";
}
