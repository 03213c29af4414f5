// What a glance hears of an answer is what reading it whole would have heard, or nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hear, hearPlain, nothingHeard } from "../../../src/gate/ownership/heard.ts";

const id = "0123456789abcdef".repeat(4);

test("a new container's id is heard at a glance where the engine's answer says no more than that", () => {
  const documents = [`{"Id":"${id}","Warnings":[]}\n`, `{"Id":"${id}","Warnings":null}`];
  for (const document of documents) {
    const [glanced, read] = [nothingHeard(), nothingHeard()];
    assert.equal(hearPlain(glanced, document), true);
    hear(read, JSON.parse(document));
    assert.deepEqual([glanced, glanced.id], [read, id]);
  }
});

test("any other answer is left to be read whole", () => {
  const documents = [
    `{"Id":"${id}","Warnings":["no swap"]}`,
    `{"Id":"${id}","Warnings":[],"Id":"${"f".repeat(64)}"}`,
    `{"Id":"${id.toUpperCase()}","Warnings":[]}`,
    `{"Id":"${id.slice(1)}","Warnings":[]}`,
    `{"Id":"${id}"}`,
    `{"Warnings":[],"Id":"${id}"}`,
    ` {"Id":"${id}","Warnings":[]}`,
    `{"Id":"${id}","Warnings":[]}\n{"Id":"${id}","Warnings":[]}`,
    "",
  ];
  const heard = nothingHeard();
  assert.deepEqual(
    documents.map((document) => hearPlain(heard, document)),
    documents.map(() => false),
  );
  assert.deepEqual(heard, nothingHeard());
});
