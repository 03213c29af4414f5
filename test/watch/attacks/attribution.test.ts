// Whose event is it? Control groups that live for a millisecond, names that change, names that are meant to harm.

import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { openSensor } from "../../../src/watch/open-sensor.ts";
import { startEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { textAt } from "../../support/json.ts";
import { makeTesterImage, testerImage } from "../../support/testers.ts";
import { containerNames, prepareStorm } from "../../support/watch/storm.ts";
import { protect, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoSensor() ?? false;
const skipEngine = whyNoEngine() ?? skip;
const count = 10_000;

test("of 10,000 containers that live for a moment, every program is told for the right one", { skip }, async (t) => {
  const sensor = await openSensor();
  t.after(() => sensor.close({ keepEnforcing: false }));
  const storm = await prepareStorm();
  t.after(() => storm.close());
  const wrong: string[] = [];
  const seen = new Set<string>();
  sensor.onEvent((event) => {
    const name = event.kind === "exec" ? event.argv[2] : undefined;
    if (name === undefined || event.argv[0] !== "short-lived") return;
    const found = sensor.containerOf(event.cgroupId)?.id;
    if (found === name) seen.add(name);
    else wrong.push(`${name} told as ${found}`);
  });
  const names = containerNames(count);
  for (const name of names) sensor.protect(name, protect({ drift: "detect" }));
  const half = count / 2;
  await Promise.all([storm.run(names.slice(0, half)), storm.run(names.slice(half))]);
  await untilQuiet(() => seen.size + wrong.length);
  for (const name of names) sensor.forget(name);
  const { dropped } = sensor.counters();
  assert.deepEqual({ wrong, isAllTold: seen.size + dropped >= count }, { wrong: [], isAllTold: true });
});

test("a group of version 2 cannot be renamed, so no container can take another's name", { skip }, async (t) => {
  const storm = await prepareStorm();
  const [one = "", other = ""] = containerNames(2);
  mkdirSync(join(storm.folder, one));
  t.after(() => {
    rmdirSync(join(storm.folder, one));
    storm.close();
  });
  assert.throws(() => renameSync(join(storm.folder, one), join(storm.folder, other)), { code: "EPERM" });
});

test("of 200 real containers, started eight at a time, every program is told for the right one", {
  skip: skipEngine,
}, async (t) => {
  const engine = await startEngine();
  t.after(() => engine.close());
  await makeTesterImage(engine.socket);
  const sensor = await openSensor();
  t.after(() => sensor.close({ keepEnforcing: false }));
  const told = new Map<string, (string | undefined)[]>();
  sensor.onEvent((event) => {
    const [, , tag = ""] = event.kind === "exec" ? event.argv : [];
    if (tag.length === 64) told.set(tag, [...(told.get(tag) ?? []), sensor.containerOf(event.cgroupId)?.id]);
  });
  const tags = containerNames(200);
  const ids = new Map<string, string>();
  const run = async (tag: string): Promise<void> => {
    const body = { Image: testerImage, Cmd: ["/testers/tester", "ran", tag], HostConfig: { NetworkMode: "none" } };
    const made = await request(engine.socket, "POST", "/containers/create", { body, timeoutMs: 120_000 });
    const id = textAt(made.json, "Id");
    ids.set(tag, id);
    sensor.protect(id, protect({ drift: "detect" }));
    await request(engine.socket, "POST", `/containers/${id}/start`, { timeoutMs: 120_000 });
    await request(engine.socket, "DELETE", `/containers/${id}?force=1`, { timeoutMs: 120_000 });
  };
  const waiting = [...tags];
  const worker = async (): Promise<void> => {
    for (let tag = waiting.pop(); tag !== undefined; tag = waiting.pop()) await run(tag);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  await untilQuiet(() => told.size);
  // One that was removed before it could begin has nothing to tell.
  const wrong = [...told].filter(([tag, found]) => found.length !== 1 || found[0] !== ids.get(tag));
  assert.deepEqual({ wrong, isMost: told.size > 150 }, { wrong: [], isMost: true });
});

async function untilQuiet(count: () => number): Promise<void> {
  for (let last = -1; last !== count(); await sleep(500)) last = count();
}
