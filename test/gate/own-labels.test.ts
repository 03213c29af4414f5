// What the gate adds for itself - owner labels, a build's owner step - stays out of what callers see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hideOwnerStep } from "../../src/gate/answers/build-output.ts";
import { hideLabels } from "../../src/gate/answers/hide-labels.ts";

test("labels of ours are gone at any depth and in any case, all others stay", () => {
  const shown = hideLabels([
    {
      Labels: { "dev.plimsoll.owner": "unix:alice", "DEV.Plimsoll.request": "01", team: "a", "dev.plimsollx": "kept" },
    },
    { Config: { Labels: null, Env: ["dev.plimsoll.owner=not a key"] }, Size: 9007199254740993n },
  ]);
  assert.deepEqual(shown, [
    { Labels: { team: "a", "dev.plimsollx": "kept" } },
    { Config: { Labels: null, Env: ["dev.plimsoll.owner=not a key"] }, Size: 9007199254740993n },
  ]);
});

test("a build shows the steps of its Dockerfile and the labels that the caller asked for", () => {
  const streams = [
    "Step 1/4 : FROM bb:1",
    " ---> 111111111111\n",
    "Step 2/4 : RUN echo hi",
    "hi\n",
    "Step 3/4 : LABEL dev.plimsoll.owner=unix:alice",
    "\n",
    " ---> Running in 222222222222\n",
    "Removing intermediate container 222222222222\n",
    "Step 4/4 : LABEL team=a",
    " ---> 333333333333\n",
    "Successfully built 333333333333\n",
  ];
  const show = hideOwnerStep();
  const shown = streams.flatMap((stream) => show({ stream }) ?? []);
  assert.deepEqual(
    [...shown, show({ aux: { ID: "sha256:3" } }), show({ error: "it failed" })],
    [
      { stream: "Step 1/3 : FROM bb:1" },
      { stream: " ---> 111111111111\n" },
      { stream: "Step 2/3 : RUN echo hi" },
      { stream: "hi\n" },
      { stream: "Step 3/3 : LABEL team=a" },
      { stream: " ---> 333333333333\n" },
      { stream: "Successfully built 333333333333\n" },
      { aux: { ID: "sha256:3" } },
      { error: "it failed" },
    ],
  );
});

test("nothing but the owner's step is hidden, even when a Dockerfile prints lines like it", () => {
  const show = hideOwnerStep();
  const printed = { stream: "LABEL dev.plimsoll.owner=mine\n" };
  assert.deepEqual(
    [show({ stream: "Step 1/2 : RUN cat" }), show(printed)],
    [{ stream: "Step 1/1 : RUN cat" }, printed],
  );
});
