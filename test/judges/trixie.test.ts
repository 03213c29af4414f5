// Signatures before the verifiers of Debian's stable suite (cosign 2.5, skopeo 1.18), and theirs before us.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeCurves } from "./curves.ts";
import { checkSigned, judgeOurs, withJudges } from "./judge-suite.ts";
import { openJudges } from "./programs.ts";
import { judgeSaved } from "./saved-layouts.ts";
import { newPair, pemOf } from "./scene.ts";
import { cosignTool, signWithCosign, signWithSkopeo, skopeoTool } from "./tools.ts";

const suite = "judges-trixie";

test("cosign 2.5 accepts our classic signatures, and none that is altered, by another key or absent", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) =>
    judgeOurs(scene, cosignTool(judges, "2", "cosign"), "cosign"),
  );
});

test("skopeo 1.18 accepts our classic signatures, and none that is altered, by another key or absent", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) =>
    judgeOurs(scene, skopeoTool(judges, scene.host), "cosign"),
  );
});

test("what cosign 2.5 and skopeo 1.18 sign with a key file of ours holds before us, for its key alone", async (t) => {
  await withJudges(t, await openJudges(t, suite), async (judges, scene) => {
    const pair = newPair();
    const byCosign = await scene.image("by-cosign");
    const bySkopeo = await scene.image("by-skopeo");
    checkSigned(await signWithCosign(judges, "2", byCosign, pair));
    checkSigned(await signWithSkopeo(judges, scene.host, bySkopeo, pair));
    const verdicts = [byCosign, bySkopeo].map(async (image) => [
      await scene.verdict(image, { theirs: { key: pemOf(pair) } }),
      await scene.verdict(image, { other: { key: pemOf(newPair()) } }),
    ]);
    assert.deepEqual(await Promise.all(verdicts), [
      ["trusted", "untrusted"],
      ["trusted", "untrusted"],
    ]);
    for (const tool of ["cosign 2", "skopeo 1.18"])
      scene.row(tool, "theirs: cosign", "we accept it, for its key alone");
  });
});

test("what cosign 2.5 saves is judged by the signatures in it, in a folder and in an archive", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) => judgeSaved(judges, scene, "2"));
});

test("keys on P-384 and P-521: cosign 2.5 accepts ours, and we accept its", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) => judgeCurves(judges, scene, "2"));
});
