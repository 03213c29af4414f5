// The socket through which others look at what the watch sees.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openSubscribers, type Subscribers } from "../../src/watch/service/subscribers.ts";
import { eventually } from "../support/eventually.ts";

async function open(t: TestContext): Promise<{ readonly path: string; readonly subscribers: Subscribers }> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-subscribers-"));
  const path = join(folder, "watch.sock");
  const subscribers = await openSubscribers({
    path,
    tiers: () => ({ kind: "tiers" }),
    activity: () => ({ kind: "activity" }),
  });
  t.after(() => {
    subscribers.close();
    rmSync(folder, { recursive: true });
  });
  return { path, subscribers };
}

test("nothing is made for topics that nobody asked for", async (t) => {
  const { path, subscribers } = await open(t);
  let made = 0;
  subscribers.tell("events", () => made++);
  const reader = connect(path);
  t.after(() => reader.destroy());
  reader.write('{"ask":"events"}\n');
  await eventually(
    () => subscribers.has("events"),
    (has) => has,
  );
  subscribers.tell("events", () => ++made);
  reader.destroy();
  await eventually(
    () => subscribers.has("events"),
    (has) => !has,
  );
  subscribers.tell("events", () => made++);
  assert.equal(made, 1);
});

test("a reader that does not read loses lines and is told how many; the others get all of them", async (t) => {
  const { path, subscribers } = await open(t);
  const [slow, fast] = [connect(path), connect(path)];
  t.after(() => void [slow, fast].map((socket) => socket.destroy()));
  let text = "";
  fast.on("data", (chunk) => {
    text += chunk.toString("utf8");
  });
  slow.pause();
  for (const socket of [slow, fast]) socket.write('{"ask":"alerts"}\n');
  await once(fast, "ready");
  await eventually(
    () => {
      subscribers.tell("alerts", () => ({ kind: "begin" }));
      return text;
    },
    (found) => found.includes("begin"),
  );
  const large = "x".repeat(10_000);
  for (let count = 0; count < 1000; count++) {
    subscribers.tell("alerts", () => ({ kind: "alert", count, large }));
    if (count % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await eventually(
    () => text.split("\n").filter((line) => line.includes('"alert"')).length,
    (count) => count === 1000,
  );
  let late = "";
  slow.on("data", (chunk) => {
    late += chunk.toString("utf8");
  });
  slow.resume();
  await eventually(
    () => {
      subscribers.tell("alerts", () => ({ kind: "end" }));
      return late;
    },
    (found) => found.includes('"end"'),
  );
  const seen = late.split("\n").filter((line) => line.includes('"alert"')).length;
  const lost = [...late.matchAll(/"kind":"lost","count":(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  assert.ok(seen < 1000, `${seen} lines were kept for it`);
  // What it lost of the ends is counted as well.
  assert.ok(seen + lost >= 1000 && lost > 0);
});
