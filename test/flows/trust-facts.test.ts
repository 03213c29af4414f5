// What policies see of who signed an image and where it is from: rules that a trust file cannot say, in front of a real engine.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import type { TestGate } from "../support/gate.ts";
import { archive, file } from "../support/hostile-tar.ts";
import { type Reply, request } from "../support/http.ts";
import { at } from "../support/json.ts";
import { create, openTrustScene, pull, runnableImage, type TrustScene } from "../support/trust-scene.ts";

const skip = whyNoEngine() ?? false;
const closers: (() => Promise<void> | void)[] = [];
let scene: TrustScene;
let gate: TestGate;
let signed = "";

const rules = `@id("release-signs") @reason("release has to sign what runs") @remedy("ask release")
forbid (principal, action == Action::"image.admit", resource)
unless { context.signers.contains("release") || (context.origin == "built" && context.basesTrusted) };
`;

before(async () => {
  if (skip !== false) return;
  scene = await openTrustScene({ after: (work) => closers.push(work) });
  const good = await runnableImage("good");
  signed = await scene.push("1", good);
  await scene.sign(good);
  const admission = { trustFile: "$FOLDER/trust.yaml", insecureRegistries: [scene.host] };
  gate = await scene.gate(
    { local: "allow", otherwise: "allow" },
    { policies: ["baseline", "$FOLDER/own.cedar"], files: { "own.cedar": rules }, configuration: { admission } },
  );
  closers.push(gate.close);
});

after(async () => {
  for (const close of closers.toReversed()) await close();
});

test("a rule on signers lets a signed image run, and one that was built from signed ones; nothing else", {
  skip,
}, async () => {
  const unruled = await scene.push("1", await runnableImage("unruled"), "elsewhere");
  for (const name of [signed, unruled]) assert.equal((await pull(gate.socket, name)).status, 200);
  const build = (tag: string, dockerfile: string): Promise<Reply> =>
    request(gate.socket, "POST", `/build?t=${tag}`, {
      body: archive(file("Dockerfile", dockerfile)),
      headers: { "Content-Type": "application/x-tar" },
      timeoutMs: 60_000,
    });
  await build("made:good", `FROM ${signed}\nLABEL a=b\n`);
  await build("made:other", `FROM ${unruled}\nLABEL a=b\n`);
  const names = [signed, unruled, "made:good", "made:other"];
  const replies: Reply[] = [];
  for (const name of names) replies.push(await create(gate.socket, name));
  assert.deepEqual(
    replies.map(({ status, text }) => [status, /release has to sign what runs/.test(text)]),
    [
      [201, false],
      [403, true],
      [201, false],
      [403, true],
    ],
    replies.map(({ text }) => text).join("\n"),
  );
  const records = (await gate.recorded()).filter(({ action }) => action === "image.admit");
  const facts = ["trust", "signers", "origin", "madeBy", "basesTrusted"];
  assert.deepEqual(
    records.map((record) => facts.map((name) => at(record.facts, name))),
    [
      ["trusted", ["release"], "registry", "", false],
      ["not-required", [], "registry", "", false],
      ["not-required", [], "built", "unix:root", true],
      ["not-required", [], "built", "unix:root", false],
    ],
  );
});
