// What is recorded when something breaks after the engine has acted. The fault is forced: a real engine does not offer it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../../src/gate/exchange.ts";
import { answerFailure } from "../../src/gate/failure.ts";
import type { Gate } from "../../src/gate/gate.ts";
import { Trail } from "../../src/gate/trail.ts";

test("a call that the engine has carried out is never recorded a second time, as refused", async () => {
  const closed: string[] = [];
  const answers: number[] = [];
  const exchange = {
    profile: {
      name: "docker",
      transport: "unix",
      mode: "enforce",
      unknownFields: "refuse",
      policies: [],
      identity: [],
    },
    head: { method: "POST", target: "/commit", httpVersion: "1.1", rawHeaders: [] },
    startedMs: 0,
    refuse: async (status: number) => answers.push(status),
  };
  const gate = { audit: { close: async (opening: { verdict: string }) => closed.push(opening.verdict) } };
  const of = (trail: Trail) =>
    Reflect.apply(answerFailure, undefined, [
      new Error("no engine"),
      exchange satisfies Partial<Record<keyof Exchange, unknown>>,
      trail,
      gate satisfies Partial<Record<keyof Gate, unknown>>,
    ]);

  const acted: Trail = Reflect.construct(Trail, [exchange, 0]);
  acted.recorded();
  await of(acted);
  const notYet: Trail = Reflect.construct(Trail, [exchange, 0]);
  await of(notYet);
  assert.deepEqual([closed, answers], [["deny"], [503, 500]]);
});
