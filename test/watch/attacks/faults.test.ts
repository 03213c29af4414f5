// What goes on when something else does not: the sensor is killed, the engine starts again.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { demux, request } from "../../support/http.ts";
import { textAt } from "../../support/json.ts";
import { makeTesterImage, testerImage } from "../../support/testers.ts";
import { ordinaryProtection } from "../../support/watch/ordinary.ts";
import { WatchedEngine, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSensor() ?? false;

test("a sensor that is killed with -9 leaves its protections in force, and the next one takes them over", {
  skip,
}, async (t) => {
  const engine = await startEngine();
  t.after(() => engine.close());
  await makeTesterImage(engine.socket);
  const pins = `/sys/fs/bpf/plimsoll-test-${process.pid}`;
  const first = await startSensor(pins);
  t.after(() => void first.kill("SIGKILL"));
  const id = await createSleeper(engine);
  await say(first, id);
  await request(engine.socket, "POST", `/containers/${id}/start`);
  const before = await drop(engine, id);
  first.kill("SIGKILL");
  await once(first, "exit");
  const meanwhile = await drop(engine, id);
  const next = await openSensor({ pinFolder: pins });
  const seen: string[] = [];
  next.onEvent((event) => {
    if (event.kind === "exec" && next.containerOf(event.cgroupId)?.id === id) seen.push(event.verdict);
  });
  const again = await drop(engine, id);
  await next.close({ keepEnforcing: false });
  const afterwards = await drop(engine, id);
  const stopped = /denied|killed|Operation not permitted/;
  assert.deepEqual(
    {
      ...{ before: stopped.test(before), meanwhile: stopped.test(meanwhile), again: stopped.test(again) },
      ...{ isTold: seen.some((verdict) => verdict !== "seen"), afterwards: afterwards.includes('"ok":true') },
      left: existsSync(pins),
    },
    { before: true, meanwhile: true, again: true, isTold: true, afterwards: true, left: false },
    [before, meanwhile, again, afterwards].join("\n"),
  );
});

test("after a restart of the engine, containers are told apart and protected as before", { skip }, async (t) => {
  const engine = await startEngine();
  t.after(() => engine.close());
  await makeTesterImage(engine.socket);
  const sensor = await openSensor();
  t.after(() => sensor.close({ keepEnforcing: false }));
  const watched = new WatchedEngine(engine.socket, sensor);
  const attack = {
    image: testerImage,
    command: ["/testers/tester", "act", "drop-exec"],
    protection: ordinaryProtection(),
  };
  const before = await watched.run(attack);
  await engine.kill();
  await engine.start();
  const after = await watched.run(attack);
  const verdicts = [before, after].map(({ events }) => [
    ...new Set(events.filter(isDropped).map(({ verdict }) => verdict)),
  ]);
  assert.deepEqual(
    {
      worked: [before, after].filter(({ output }) => output.includes('"ok":true')).length,
      verdicts: verdicts.map((each) => each.filter((verdict) => verdict !== "seen").length),
    },
    { worked: 0, verdicts: [1, 1] },
  );
});

function isDropped({ kind, path }: { readonly kind: string; readonly path: string }): boolean {
  return kind === "exec" && path === "/dropped";
}

async function startSensor(pins: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "../../support/watch/sensor-process.ts");
  const child = spawn(process.execPath, [script, pins], { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (String(said) !== "open\n") throw new Error(`the sensor did not open: ${said}`);
  return child;
}

async function say(child: ChildProcess, id: string): Promise<void> {
  if (child.stdin === null || child.stdout === null) throw new Error("no pipes");
  const answered = once(child.stdout, "data");
  child.stdin.write(`${id}\n`);
  await answered;
}

async function createSleeper(engine: TestEngine): Promise<string> {
  const body = { Image: testerImage, Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } };
  return textAt((await request(engine.socket, "POST", "/containers/create", { body })).json, "Id");
}

/** Drops a program in a container that runs, and executes it. */
async function drop(engine: TestEngine, id: string): Promise<string> {
  const body = { AttachStdout: true, AttachStderr: true, Cmd: ["/testers/tester", "act", "drop-exec"] };
  const made = await request(engine.socket, "POST", `/containers/${id}/exec`, { body });
  const start = { body: { Detach: false, Tty: false } };
  const ran = await request(engine.socket, "POST", `/exec/${textAt(made.json, "Id")}/start`, start);
  return demux(ran.body);
}
