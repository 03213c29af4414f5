// What stays of the watch when Plimsoll ends: nothing when it is asked to, what is enforced when it is killed.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pinFolderOf } from "../../src/watch/service/pin-folder.ts";
import { defaultText, install } from "../cli/installation.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";

const skip = whyNoEngine();
let engine: TestEngine;

before(async () => {
  if (skip === undefined) engine = await startEngine();
});
after(() => engine?.close());

/** Pids of processes that watch for this folder: they hold its socket's name nowhere but in memory, so by their parent. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number) : [];
}

test("Ctrl-C takes everything out of the kernel; kill -9 leaves what is enforced, and down takes it away", {
  skip,
}, async (t) => {
  const here = install(t, engine.socket);
  here.configure(defaultText(engine.socket).replace('enabled: "no"', "unknown: off"));
  const pins = pinFolderOf(join(here.folder, "state"));
  const isOn = async (): Promise<void> => {
    await eventually(
      () => here.plimsoll("status"),
      ({ stdout }) => /watch +on,/.test(stdout),
    );
  };
  const isThere = (): readonly boolean[] => [existsSync(pins), existsSync(join(here.folder, "run/watch.sock"))];

  const first = here.start("up");
  await isOn();
  const [watching = 0] = childrenOf(first.child.pid ?? 0);
  const during = isThere();
  first.child.kill("SIGINT");
  await first.finished;
  const stopped = [...isThere(), existsSync(`/proc/${watching}`)];

  const second = here.start("up");
  await isOn();
  const [orphan = 0] = childrenOf(second.child.pid ?? 0);
  second.child.kill("SIGKILL");
  await second.finished;
  await eventually(
    () => existsSync(`/proc/${orphan}`),
    (isAlive) => !isAlive,
  );
  const killed = [existsSync(pins), readdirSync(pins).length > 0, existsSync(`/proc/${orphan}`)];
  const { stdout, stderr } = await here.plimsoll("down");
  assert.deepEqual(
    { during, stopped, killed, after: isThere() },
    { during: [true, true], stopped: [false, false, false], killed: [true, true, false], after: [false, false] },
  );
  assert.match(stdout + stderr, /removed what the kernel enforced of an earlier run/);
});
