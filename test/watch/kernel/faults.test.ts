// A sensor that stands still or is killed: what is lost is counted, what is refused stays refused.

import assert from "node:assert/strict";
import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { request } from "../../support/http.ts";
import type { SensorCosts, ToSensor } from "../../support/sensor-process.ts";
import { protect, WatchedEngine } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;

test("a reader that stands still loses events, and says how many", { skip }, async (t) => {
  const child = startProcess(t);
  await ask(child, { kind: "open", isTrial: false });
  // An event of a program has room for its arguments: these are more than the ring can hold.
  const programs = 4500;
  const command = ["sh", "-c", `i=0; while [ $i -lt ${programs} ]; do /bin/true; i=$((i+1)); done`];
  const id = await suite.watched().create({ image: "tester:1", command });
  await ask(child, { kind: "protect", id, protection: protect({ drift: "detect" }) });
  child.kill("SIGSTOP");
  await suite.watched().start(id);
  await request(suite.engine().socket, "POST", `/containers/${id}/wait`, { timeoutMs: 120_000 });
  child.kill("SIGCONT");
  await ask(child, { kind: "ask" });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { received, dropped } = await ask(child, { kind: "ask" });
  await request(suite.engine().socket, "DELETE", `/containers/${id}?force=1`);
  await ask(child, { kind: "close" });
  // Each program is a fork, an execution and an end; a few more events are of the shell, and of other groups.
  const unexplained = received + dropped - 3 * programs;
  assert.deepEqual(
    { lost: dropped > 0, kept: received > 0, unexplained: unexplained >= 0 && unexplained < 200 ? "few" : unexplained },
    { lost: true, kept: true, unexplained: "few" },
  );
});

test("a sensor that is killed leaves its refusals in the kernel, and the next one what it missed", {
  skip,
}, async (t) => {
  const pinFolder = `/sys/fs/bpf/plimsoll-test-killed-${process.pid}`;
  t.after(() => promisify(execFile)("rm", ["-rf", pinFolder]));
  const child = startProcess(t);
  await ask(child, { kind: "open", isTrial: false, pinFolder });
  const command = ["sh", "-c", "cp /testers/tester /new; sleep 100"];
  const id = await suite.watched().create({ image: "tester:1", command });
  await ask(child, { kind: "protect", id, protection: protect({ drift: "block" }) });
  await suite.watched().start(id);
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  const answer = await suite.watched().exec(id, ["sh", "-c", "/new ran; echo $?"]);
  const next = await openSensor({ pinFolder });
  const engine = new WatchedEngine(suite.engine().socket, next);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const stopped = engine.eventsOf(id).filter(({ verdict }) => verdict !== "seen");
  await next.close({ keepEnforcing: false });
  await request(suite.engine().socket, "DELETE", `/containers/${id}?force=1`);
  assert.deepEqual(
    { ran: answer.includes("42"), stopped: stopped.map(({ kind, path }) => [kind, path]) },
    { ran: false, stopped: [["exec", "/new"]] },
  );
});

function startProcess(t: TestContext): ChildProcess {
  const child = fork(join(import.meta.dirname, "../../support/sensor-process.ts"), { stdio: "inherit" });
  t.after(() => void child.kill("SIGKILL"));
  return child;
}

async function ask(child: ChildProcess, message: ToSensor): Promise<SensorCosts> {
  const answered = once(child, "message");
  child.send(message);
  const [costs]: SensorCosts[] = await answered;
  if (costs === undefined) throw new Error("the sensor gave no answer");
  return costs;
}
