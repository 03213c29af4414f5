// Programs of real containers, as the kernel tells them, told apart by container.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Sensor } from "../../../src/model/watch.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { makeImage } from "../../support/images.ts";
import { pick, protect, WatchedEngine, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSensor() ?? false;
let engine: TestEngine;
let sensor: Sensor;
let watched: WatchedEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  sensor = await openSensor();
  watched = new WatchedEngine(engine.socket, sensor);
});

after(async () => {
  await sensor?.close({ keepEnforcing: false });
  await engine?.close();
});

test("every program that a container runs is told with its arguments, and none of the runtime's own", {
  skip,
}, async () => {
  const run = await watched.run({
    command: ["sh", "-c", "/bin/echo one 'two three'; /bin/true"],
    protection: protect({ drift: "detect" }),
  });
  const programs = pick(run.events, "exec", "path", "argv", "origin", "verdict", "protection");
  const ofImage = { isNew: false, isCopied: false, isMemory: false, isUnlinked: false };
  const told = { origin: ofImage, verdict: "seen", protection: undefined };
  assert.deepEqual(
    { output: run.output, programs },
    {
      output: "one two three\n",
      programs: [
        { ...told, path: "/bin/sh", argv: ["sh", "-c", "/bin/echo one 'two three'; /bin/true"] },
        { ...told, path: "/bin/echo", argv: ["/bin/echo", "one", "two three"] },
        { ...told, path: "/bin/true", argv: ["/bin/true"] },
      ],
    },
  );
});
