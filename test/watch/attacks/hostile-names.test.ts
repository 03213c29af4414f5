// Names that are meant to harm who reads them: each alert stays one line of printable text, and the sensor goes on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Sensor } from "../../../src/model/watch.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { makeTesterImage, testerImage } from "../../support/testers.ts";
import { printedAlerts } from "../../support/watch/printed-alerts.ts";
import { protect, WatchedEngine, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSensor() ?? false;
let engine: TestEngine;
let sensor: Sensor;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeTesterImage(engine.socket);
  sensor = await openSensor();
});

after(async () => {
  await sensor?.close({ keepEnforcing: false });
  await engine?.close();
});

test("newlines, terminal sequences and 4 KiB in names of programs and folders break no line", { skip }, async () => {
  const watched = new WatchedEngine(engine.socket, sensor);
  const printed = printedAlerts(sensor);
  const run = await watched.run({
    image: testerImage,
    command: ["/testers/tester", "act", "hostile-names", "--", "drop-exec"],
    protection: protect({ drift: "detect" }),
  });
  const programs = run.events.filter(({ kind }) => kind === "exec");
  const lines = printed().split("\n").slice(0, -1);
  const control = /[\p{Cc}\p{Cf}\p{Cs}]/u;
  assert.deepEqual(
    {
      worked: run.output.match(/"ok":true/g)?.length,
      longest: Math.max(...programs.map(({ path }) => path.length)) <= 4096,
      isHostile: programs.some(({ path }) => path.includes("\n")),
      unreadable: lines.filter((line) => control.test(line) || typeof JSON.parse(line) !== "object"),
      afterwards: lines.filter((line) => line.includes("/dropped")).length > 0,
    },
    { worked: 2, longest: true, isHostile: true, unreadable: [], afterwards: true },
  );
});
