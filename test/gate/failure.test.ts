// What is recorded when something breaks after the engine has acted. The fault is forced: a real engine does not offer it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exchange } from "../../src/gate/exchange.ts";
import { answerFailure } from "../../src/gate/failure.ts";
import type { Gate } from "../../src/gate/gate.ts";
import { Trail } from "../../src/gate/trail.ts";
import { eventually } from "../support/eventually.ts";
import { startGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { startFakeEngine } from "./transport/support.ts";

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

test("in observe mode what cannot be done is on record as refused, and what passes as a call that would be", async (t) => {
  const engine = await startFakeEngine(t, (request, response) => {
    const version = {
      ApiVersion: "1.41",
      MinAPIVersion: "1.12",
      Version: "20.10",
      Os: "linux",
      Arch: "amd64",
      Components: [{ Name: "Engine" }],
    };
    if (/version$/.test(request.url ?? "")) return response.end(JSON.stringify(version));
    if (/events/.test(request.url ?? "")) return response.writeHead(200).flushHeaders();
    if (/info$|_ping$/.test(request.url ?? "")) return response.end('{"DockerRootDir":"/var/lib/docker"}');
    // It goes away in the middle of whatever else it is asked.
    return response.destroy();
  });
  const gate = await startGate(engine, { mode: "observe" });
  t.after(() => gate.close());
  await request(gate.socket, "GET", "/containers/web/json");
  await request(gate.socket, "GET", "/no/such/route");
  const seen = await eventually(
    () => gate.recorded(),
    ({ length }) => length === 2,
  );
  assert.deepEqual(
    seen.map(({ path, verdict, wouldDeny, status, end, rules }) => [
      path,
      verdict,
      wouldDeny,
      status,
      end,
      rules[0]?.id,
    ]),
    [
      ["/containers/web/json", "deny", false, 502, "refused", "request/engine-unreachable"],
      ["/no/such/route", "allow", true, 502, "engine-gone", "request/unknown-route"],
    ],
  );
});
