// Played in the guest, whose control groups are of version 2 alone: Podman with crun, as Debian ships it, and LXC.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSensor } from "../../src/watch/open-sensor.ts";
import { prepareFolder, runLxc, runPodman, whyNoProgram } from "../support/watch/other-engines.ts";
import { protect } from "../support/watched.ts";

const command = ["/bin/sh", "-c", "/bin/echo one; (exec unshare -m true); echo $?"];
const skip = whyNoProgram("/usr/bin/podman", "/usr/bin/crun", "/usr/bin/lxc-execute") ?? false;

for (const engine of ["podman", "lxc"] as const) {
  test(`what a container of ${engine} does is told as its own, and stopped`, { skip }, async (t) => {
    const sensor = await openSensor({ unknown: protect({ drift: "detect", escape: "block" }) });
    t.after(() => sensor.close({ keepEnforcing: false }));
    const told: (readonly string[])[] = [];
    sensor.onEvent(({ kind, cgroupId, path, verdict }) => {
      if (sensor.containerOf(cgroupId)?.engine !== engine) return;
      if (kind === "exec" || verdict !== "seen") told.push([kind, kind === "exec" ? path : verdict]);
    });
    const folder = await prepareFolder(t);
    const { output } =
      engine === "lxc"
        ? await runLxc({ folder, name: "web", command })
        : await runPodman({ folder, runtime: "crun", command });
    await sleep(1000);
    assert.deepEqual(
      // The two streams come in any order.
      { output: output.trim().split("\n").sort(), told: told.slice(0, 2), stopped: told.slice(2).filter(isOfUnshare) },
      {
        output: ["137", "Killed", "one"],
        told: [
          ["exec", "/bin/sh"],
          ["exec", "/bin/echo"],
        ],
        // No security module is asked before a namespace of mounts is made: who makes one is ended.
        stopped: [["unshare", "killed"]],
      },
    );
  });
}

function isOfUnshare([kind]: readonly string[]): boolean {
  return kind === "unshare";
}
