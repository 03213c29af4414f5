// The two comparisons of a gate's grammar with a real engine's: what a body makes, and which call a target is.

import assert from "node:assert/strict";
import fc from "fast-check";
import { createBodies, isDataAt, spell, spellings } from "./create-bodies.ts";
import { request } from "./http.ts";
import { at } from "./json.ts";
import { containerFrom } from "./same-container.ts";
import { type SpelledTarget, spelledTargets } from "./spelled-targets.ts";
import { understand } from "./understand.ts";

/** Iterations; PLIMSOLL_FUZZ_RUNS raises them. */
export const fuzzRuns = Number(process.env["PLIMSOLL_FUZZ_RUNS"] ?? 300);

/** A body as the gate writes it anew makes the same container as the body itself. Needs the image `bb:1`. */
export async function compareBodies(socket: string, runs: number): Promise<void> {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(createBodies("bb:1"), spellings, async (body, spelling) => {
      const written = spell(body, spelling, isDataAt);
      const understood = understand({ method: "POST", target: "/v1.41/containers/create", body: written });
      assert.ok("body" in understood, `refused: ${JSON.stringify(understood)} for ${written}`);
      const direct = await containerFrom(socket, written);
      assert.deepEqual(await containerFrom(socket, understood.body), direct, `differs for ${written}`);
      if (at(direct, "status") === 201) made += 1;
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(made > runs / 10, `the engine took ${made} of ${runs} bodies`);
}

/** A body sent through a whole gate makes the container that it makes without one. */
export async function compareThroughGate(socket: string, gate: string, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(createBodies("bb:1"), spellings, async (body, spelling) => {
      const written = spell(body, spelling, isDataAt);
      const direct = await containerFrom(socket, written);
      assert.deepEqual(await containerFrom(gate, written), direct, `differs for ${written}`);
    }),
    { numRuns: runs, endOnFailure: true },
  );
}

/**
 * A target that the gate takes gets the same answer as the target that the gate writes for it.
 * @param isOwnCase targets on which this engine is known to be stricter, or whose version the gate moves into its range
 */
export async function compareTargets(
  socket: string,
  runs: number,
  isOwnCase: (target: string) => boolean,
): Promise<void> {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(spelledTargets, async (spelled) => {
      const understood = understand(spelled);
      seen["refused" in understood ? "refused" : "taken"] += 1;
      if ("refused" in understood || isOwnCase(spelled.target)) return;
      const gated = await ask(socket, { method: understood.method, target: understood.target, headers: [] });
      const written = `${understood.method} ${understood.target} for ${spelled.target}`;
      assert.deepEqual(gated, await ask(socket, spelled), written);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.ok(seen.taken > runs / 10 && seen.refused > runs / 10, JSON.stringify(seen));
}

/** True for a target whose version, decoded, is one of these. */
export function hasVersion(target: string, ...versions: readonly string[]): boolean {
  const path = decodeURIComponent(target.split("?")[0] ?? "");
  return versions.some((version) => path.startsWith(`/v${version}/`));
}

type Answer = { readonly status: number; readonly said: string };

/** Status and what tells handlers apart: the message of an error (plain text below 1.24), or the shape of an answer. */
async function ask(socket: string, { method, target, headers }: SpelledTarget): Promise<Answer> {
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""] as const] : []));
  const reply = await request(socket, method, target, { headers: Object.fromEntries(pairs), timeoutMs: 5000 });
  const message = at(reply.json, "message");
  if (reply.status < 400) return { status: reply.status, said: shapeOf(reply.json) };
  // Podman repeats the path in calls that it does not have.
  const said = typeof message === "string" ? message.replace(/(service:|Path) \S+/, "$1") : reply.text.trim();
  return { status: reply.status, said };
}

function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "object" && value !== null ? (Object.keys(value).sort()[0] ?? "") : typeof value;
}
