// What a name means when the trust file is asked, and what a rule that only warns lets pass.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openMadeImages } from "../../../src/admission/trust/made-images.ts";
import { openSeenCounters } from "../../../src/admission/trust/seen-counters.ts";
import { openTrustDesk } from "../../../src/admission/trust/trust-desk.ts";
import type { TrustGeneration } from "../../../src/admission/trust/trust-in-force.ts";
import { openEngineClient } from "../../../src/engine/client.ts";
import { judgeFound, mayUse, type TrustGate } from "../../../src/gate/admission/trust-gate.ts";
import type { FoundImage } from "../../../src/gate/references/found.ts";
import { readTrustFile } from "../../../src/trust/file/read-trust-file.ts";
import { newPair, pemOf } from "../../judges/scene.ts";
import { settingsFor } from "../../support/oci-image.ts";

const id = `sha256:abc${"0".repeat(61)}`;
const image: FoundImage = {
  ...{ id, tags: ["docker.io/library/abc:latest"], repositories: [], places: [], user: "", labels: {} },
  ...{ declaresVolumes: false, onBuild: [], platform: { os: "linux", architecture: "amd64", variant: "" } },
};

/** Images of `abc` have to be signed; what was made here may run. */
function openGate(t: TestContext, mode: string, more: object = {}): { generation: TrustGeneration; trust: TrustGate } {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-trust-gate-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const rules = [{ scope: "docker.io/library/abc", require: { anyOf: ["release"] }, mode }];
  const text = JSON.stringify({
    version: "1",
    signers: { release: { key: pemOf(newPair()) } },
    rules,
    local: "allow",
    ...more,
  });
  const file = readTrustFile({ name: "test", text, readFile: (name) => name });
  const counters = openSeenCounters(folder);
  const generation = {
    path: "",
    file,
    desk: openTrustDesk({ file, settings: settingsFor(""), counters, nowMs: Date.now }),
  };
  const engine = openEngineClient(join(folder, "no.sock"));
  t.after(() => engine.close());
  return { generation, trust: { current: () => generation, engine, made: openMadeImages(folder) } };
}

test("what is the name of an image is its name, also when its id begins so: nobody borrows a name by making an id", async (t) => {
  const { generation, trust } = openGate(t, "enforce");
  const states: string[] = [];
  for (const name of ["abc", "abc0", "abc:latest", id, "other"]) {
    states.push((await judgeFound(image, name, generation, trust)).state);
  }
  assert.deepEqual(states, ["unsigned", "not-required", "unsigned", "not-required", "not-required"]);
});

test("a rule that only warns lets pass what nobody signed, and nothing that was revoked", async (t) => {
  const [warning, revoking] = [openGate(t, "warn"), openGate(t, "warn", { revoked: { digests: [id] } })];
  const may = async ({ generation, trust }: ReturnType<typeof openGate>): Promise<readonly (string | boolean)[]> => {
    const verdict = await judgeFound(image, "abc", generation, trust);
    return [verdict.state, mayUse(verdict, generation)];
  };
  assert.deepEqual(
    [await may(warning), await may(revoking)],
    [
      ["unsigned", true],
      ["revoked", false],
    ],
  );
});

test("what was made here is remembered by its id across a restart, and the first to make it counts", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-made-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const base = { name: "a:1", id, isTrusted: true, signers: ["release"] };
  const made = { how: "built", by: "unix:bob", at: "2026-01-02T03:04:05Z", bases: [base] } as const;
  openMadeImages(folder).remember(id, made);
  openMadeImages(folder).remember(id, { ...made, how: "loaded", by: "unix:eve" });
  assert.deepEqual(openMadeImages(folder).find(id), made);
});
