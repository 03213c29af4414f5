// Keys on larger curves: cosign 2 signs with SHA-256 whatever the key, cosign 3 with the hash that belongs to the curve.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { checkSigned } from "./judge-suite.ts";
import type { Judges } from "./programs.ts";
import { type Pair, pemOf, type Scene, signerOf } from "./scene.ts";
import { cosignTool, signWithCosign } from "./tools.ts";

export async function judgeCurves(judges: Judges, scene: Scene, version: "2" | "3"): Promise<void> {
  for (const namedCurve of ["P-384", "P-521"] as const) {
    const pair: Pair = generateKeyPairSync("ec", { namedCurve });
    const theirs = await scene.image(`theirs-${namedCurve}`);
    checkSigned(await signWithCosign(judges, version, theirs, pair));
    const ours = await scene.image(`ours-${namedCurve}`);
    const format = version === "2" ? "cosign" : "sigstore-bundle";
    await scene.sign(ours, format, signerOf(pair));
    const { code, output } = await cosignTool(judges, version, format).verify(ours, { pair });
    const verdict = await scene.verdict(theirs, { theirs: { key: pemOf(pair) } }, "any");
    assert.deepEqual([verdict, code], ["trusted", 0], output);
    scene.row(`cosign ${version}`, `${namedCurve}, both ways`, "accepts");
  }
}
