// The same questions to every program: ours by them, and theirs by us.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Judges, Outcome } from "./programs.ts";
import { newPair, openScene, type Scene, signerOf } from "./scene.ts";
import type { Believed, Tool } from "./tools.ts";

export type Leaf = { readonly believed: Believed; readonly certificates: readonly string[] };

/** One row of the matrix in docs/trust.md. */
export async function judgeOurs(
  scene: Scene,
  tool: Tool,
  format: string,
  more: object = {},
  leaf?: Leaf,
): Promise<void> {
  const certificates = leaf?.certificates ?? [];
  const own = leaf?.believed ?? { pair: newPair() };
  const name = `${tool.name}-${format}`.replaceAll(/[^a-z0-9]+/g, "-");
  const signed = await scene.image(`${name}-signed`);
  const altered = await scene.image(`${name}-altered`);
  const unsigned = await scene.image(`${name}-unsigned`);
  const other = await scene.image(`${name}-other`);
  await scene.sign(signed, format, signerOf(own.pair, false, certificates), more);
  await scene.sign(altered, format, signerOf(own.pair, true, certificates), more);
  await scene.sign(
    other,
    format,
    signerOf(leaf === undefined ? newPair() : own.pair, leaf !== undefined, certificates),
    more,
  );
  const verdicts = await inOrder([signed, altered, unsigned, other], (image) => tool.verify(image, own));
  assert.deepEqual(
    verdicts.map(({ code }) => code === 0),
    [true, false, false, false],
    verdicts.map(({ output }) => output.slice(-600)).join("\n----\n"),
  );
  const what = leaf === undefined ? "another key" : "other bytes";
  scene.row(tool.name, `ours: ${format}`, `accepts; refuses altered, ${what}, unsigned`);
}

async function inOrder<T>(items: readonly string[], work: (item: string) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

export function checkSigned(outcome: Outcome): void {
  assert.equal(outcome.code, 0, outcome.output);
}

/** A suite that cannot be had is told, and skips its tests. */
export function withJudges(
  t: TestContext,
  judges: Judges | { readonly why: string },
  work: (judges: Judges, scene: Scene) => Promise<void>,
): Promise<void> {
  if ("why" in judges) {
    t.skip(judges.why);
    return Promise.resolve();
  }
  return openScene(t).then((scene) => work(judges, scene));
}
