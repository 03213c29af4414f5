import assert from "node:assert/strict";
import { test } from "node:test";
import { createNameCache } from "../../../src/gate/references/name-cache.ts";

test("an answer is kept until names change, and never while changes could go unnoticed", async () => {
  let isListening = true;
  let asked = 0;
  const cache = createNameCache<number>(() => isListening);
  const load = async () => ++asked;
  const seen = [await cache.get("a", load), await cache.get("a", load)];
  cache.clear();
  seen.push(await cache.get("a", load));
  isListening = false;
  seen.push(await cache.get("a", load), await cache.get("a", load));
  isListening = true;
  seen.push(await cache.get("a", load));
  assert.deepEqual(seen, [1, 1, 2, 3, 4, 2]);
});

test("a question that was under way when a name changed is not remembered", async () => {
  const cache = createNameCache<string>(() => true);
  let answer = (_: string): void => undefined;
  const slow = cache.get(
    "a",
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  cache.clear();
  answer("old");
  assert.deepEqual([await slow, await cache.get("a", async () => "new")], ["old", "new"]);
});

test("what is not there is asked for again", async () => {
  const cache = createNameCache<string>(() => true);
  assert.deepEqual(
    [await cache.get("a", async () => undefined), await cache.get("a", async () => "b")],
    [undefined, "b"],
  );
});
