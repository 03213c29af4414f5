// The gate's facts are what the schema wants: of every route, a call with next to nothing in it can be decided.

import assert from "node:assert/strict";
import { test } from "node:test";
import { routes } from "../../src/engine/routes.ts";
import type { ListenerProfile, PinnedCall } from "../../src/gate/call.ts";
import { factsOf } from "../../src/gate/facts/facts-of.ts";
import { bob, load, shipped } from "./support.ts";

const profile: ListenerProfile = {
  name: "docker",
  transport: "unix",
  mode: "enforce",
  unknownFields: "refuse",
  policies: ["restricted"],
  identity: ["unix-peer"],
};

function pinned(route: (typeof routes)[number]): PinnedCall {
  return {
    call: {
      route,
      apiVersion: "1.41",
      params: { name: "alpine" },
      query: { fromImage: ["alpine"], term: ["alpine"] },
      body: route.body.kind === "json" ? { kind: "json", value: {} } : { kind: "none" },
      headers: {},
    },
    resource: { type: route.resource, id: "", name: "", owner: "", isShared: false },
    references: [],
    known: {
      imageUser: "",
      imageId: "",
      imageDeclaresVolumes: false,
      realPaths: {},
      volumeOptions: {},
      containerUser: "",
      protectedPaths: [],
    },
  };
}

test("no route makes a question that cannot be decided", () => {
  const engine = load(shipped("baseline"), shipped("restricted"));
  const undecided = routes.flatMap((route) => {
    const call = pinned(route);
    const context = factsOf(call, bob, profile);
    const { rules, reason } = engine.decide({ principal: bob, action: route.action, resource: call.resource, context });
    return rules.some((rule) => rule.id === "policy-error") ? [`${route.method} ${route.path}: ${reason}`] : [];
  });
  assert.deepEqual(undecided, []);
});
