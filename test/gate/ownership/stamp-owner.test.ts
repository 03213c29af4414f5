import assert from "node:assert/strict";
import { test } from "node:test";
import { stampOwner } from "../../../src/gate/ownership/stamp-owner.ts";
import { Refusal } from "../../../src/gate/refusal.ts";
import type { JsonObject, JsonValue } from "../../../src/model/json.ts";
import { caller, callOf, pinnedCall } from "../../support/semantics.ts";

const alice = caller("alice");
const stamp = { "dev.plimsoll.owner": "unix:alice", "dev.plimsoll.request": "R1" };

function stamped(path: string, body: JsonObject): JsonValue {
  const { call } = stampOwner(pinnedCall(callOf("POST", path, body)), alice, "R1");
  return call.body.kind === "json" ? call.body.value : null;
}

test("whatever is made carries its owner, and what it makes in turn", () => {
  const mount = { Type: "volume", Source: "v", Target: "/v" };
  const made = stamped("/containers/create", { Labels: { a: "b" }, HostConfig: { Mounts: [mount] } });
  const build = stampOwner(pinnedCall(callOf("POST", '/build?labels={"a":"b"}')), alice, "R1").call.query[
    "labels"
  ]?.[0];
  assert.deepEqual(
    { made, volume: stamped("/volumes/create", { Name: "v" }), build: JSON.parse(build ?? "") },
    {
      made: {
        Labels: { a: "b", ...stamp, "dev.plimsoll.image": "" },
        HostConfig: { Mounts: [{ ...mount, VolumeOptions: { Labels: stamp } }] },
      },
      volume: { Name: "v", Labels: stamp },
      // Without the request: it would be another build every time, and the engine's cache of no use.
      build: { a: "b", "dev.plimsoll.owner": "unix:alice" },
    },
  );
});

test("a client that sets a label of ours is refused, wherever it stands and however it is written", () => {
  const Labels = { "dev.plimsoll.owner": "unix:bob" };
  const mount = { Type: "volume", Target: "/v", VolumeOptions: { Labels } };
  const bodies: readonly (readonly [string, JsonObject])[] = [
    ["/containers/create", { Labels }],
    ["/containers/create", { Labels: { "Dev.Plimsoll.x": "" } }],
    ["/containers/create", { HostConfig: { Mounts: [mount] } }],
    ["/networks/create", { Labels }],
    ["/volumes/create", { Labels }],
    ["/services/create", { TaskTemplate: { ContainerSpec: { Labels } } }],
    ["/commit?changes=LABEL%20dev.plimsoll.owner=unix:bob", {}],
    [`/build?labels=${JSON.stringify(Labels)}`, {}],
  ];
  const rules = bodies.map(([path, body]) => {
    try {
      return stamped(path, body);
    } catch (thrown) {
      return thrown instanceof Refusal ? thrown.rule : thrown;
    }
  });
  assert.deepEqual(new Set(rules), new Set(["request/reserved-label"]));
});
