// What the kernel was told to refuse, it refuses also when nobody reads its events: after an end of the sensor, asked for or
// not. The next sensor takes over what is there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { request } from "../../support/http.ts";
import { protect, WatchedEngine } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;
const run = promisify(execFile);

test("a container that is blocked stays so when the sensor is gone, and the next one knows it", { skip }, async (t) => {
  const pinFolder = `/sys/fs/bpf/plimsoll-test-${process.pid}`;
  const first = await openSensor({ pinFolder });
  t.after(() => run("rm", ["-rf", pinFolder]));
  const engine = new WatchedEngine(suite.engine().socket, first);
  const command = ["sh", "-c", "cp /testers/tester /new; sleep 60"];
  const id = await engine.create({ image: "tester:1", command, protection: protect({ drift: "block" }) });
  await engine.start(id);
  const watchedAnswer = await engine.exec(id, ["sh", "-c", "/new ran; test $? = 42 && echo ran; echo end"]);
  await first.close({ keepEnforcing: true });
  const aloneAnswer = await engine.exec(id, ["sh", "-c", "/new ran; test $? = 42 && echo ran; echo end"]);

  const second = await openSensor({ pinFolder });
  const later = new WatchedEngine(suite.engine().socket, second);
  const againAnswer = await later.exec(id, ["sh", "-c", "/new ran; test $? = 42 && echo ran; echo end"]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const stopped = later.eventsOf(id).filter((event) => event.verdict !== "seen");
  second.protect(id, protect({ drift: "detect" }));
  const freeAnswer = await later.exec(id, ["sh", "-c", "/new ran; test $? = 42 && echo ran; echo end"]);
  await second.close({ keepEnforcing: false });
  const afterAnswer = await later.exec(id, ["sh", "-c", "/new ran; test $? = 42 && echo ran; echo end"]);
  await request(suite.engine().socket, "DELETE", `/containers/${id}?force=1`);
  assert.deepEqual(
    {
      watchedAnswer,
      aloneAnswer,
      againAnswer,
      // The one that nobody read, and the one after.
      stopped: stopped.map(({ path }) => path),
      freeAnswer,
      afterAnswer,
      isGone: !existsSync(pinFolder),
    },
    {
      watchedAnswer: "Killed, end",
      aloneAnswer: "Killed, end",
      againAnswer: "Killed, end",
      stopped: ["/new", "/new"],
      freeAnswer: "end, ran",
      afterAnswer: "end, ran",
      isGone: true,
    },
  );
});
