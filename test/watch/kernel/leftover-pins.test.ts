// What killed sensors leave in the kernel: told by the doctor, taken away by the next start when it holds nobody back, and
// never taken from somebody who uses it.

import assert from "node:assert/strict";
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { openLibbpf } from "../../../src/watch/kernel/libbpf.ts";
import { sweepLeftovers } from "../../../src/watch/kernel/pin-owner.ts";
import { unownedPins } from "../../../src/watch/service/pin-folder.ts";
import { request } from "../../support/http.ts";
import type { ToSensor } from "../../support/sensor-process.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;
const laterMs = 11 * 60_000;

/** A file system of the test's own: what others of this machine hold is not looked at. */
function placeOf(t: TestContext): string {
  const place = mkdtempSync(join(tmpdir(), "plimsoll-pins-"));
  execFileSync("mount", ["-t", "bpf", "bpf", place]);
  t.after(() => {
    execFileSync("umount", ["--lazy", place]);
    rmdirSync(place);
  });
  return place;
}

type Sensor = { readonly ask: (message: ToSensor) => Promise<void>; readonly kill: () => Promise<void> };

async function startSensor(t: TestContext, pinFolder: string): Promise<Sensor> {
  const child = fork(join(import.meta.dirname, "../../support/sensor-process.ts"), { stdio: "inherit" });
  t.after(() => void child.kill("SIGKILL"));
  const ask = async (message: ToSensor): Promise<void> => {
    const answered = once(child, "message");
    child.send(message);
    await answered;
  };
  const kill = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  await ask({ kind: "open", isTrial: false, pinFolder });
  return { ask, kill };
}

function sweep(place: string, afterMs: number): readonly string[] {
  sweepLeftovers(openLibbpf(), join(place, "plimsoll-own"), Date.now() + afterMs);
  return readdirSync(place).filter((name) => name.startsWith("plimsoll"));
}

test("what a killed sensor left is told at once, and taken away after a while; what is used is neither", {
  skip,
}, async (t) => {
  const place = placeOf(t);
  const [killed, used] = [join(place, "plimsoll-killed"), join(place, "plimsoll-used")];
  const sensor = await startSensor(t, killed);
  await startSensor(t, used);
  const told = [unownedPins(place)];
  await sensor.kill();
  told.push(unownedPins(place));
  const kept = [sweep(place, 0), sweep(place, laterMs)];
  assert.deepEqual(
    { told, kept },
    { told: [[], [killed]], kept: [["plimsoll-killed", "plimsoll-used"], ["plimsoll-used"]] },
  );
});

test("what still holds a container back stays until that container is gone", { skip }, async (t) => {
  const place = placeOf(t);
  const folder = join(place, "plimsoll-killed");
  const sensor = await startSensor(t, folder);
  const id = await suite.watched().create({ image: "tester:1", command: ["sleep", "100"] });
  await sensor.ask({ kind: "protect", id, protection: protect({ drift: "block" }) });
  await suite.watched().start(id);
  await sensor.kill();
  const during = sweep(place, laterMs);
  await request(suite.engine().socket, "DELETE", `/containers/${id}?force=1`);
  assert.deepEqual({ during, after: sweep(place, laterMs) }, { during: [basename(folder)], after: [] });
});

test("a sensor that starts while its folder is taken away makes it anew", { skip }, async (t) => {
  const place = placeOf(t);
  const folder = join(place, "plimsoll-killed");
  await (await startSensor(t, folder)).kill();
  const starting = startSensor(t, folder);
  for (let tries = 0; tries < 200; tries++) {
    sweep(place, laterMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await starting;
  assert.deepEqual([sweep(place, laterMs), unownedPins(place)], [[basename(folder)], []]);
});
