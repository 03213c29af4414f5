// The gate's grammar beside newer engines': the same bodies make the same containers, the same targets are the same calls.

import { after, before, suite, test } from "node:test";
import { compareBodies, compareTargets, fuzzRuns, hasVersion } from "../support/differential.ts";
import type { TestEngine } from "../support/engine.ts";
import { makeImage } from "../support/images.ts";
import { startNewerEngine } from "../support/newer-engine.ts";

const outOfRange = (target: string): boolean => hasVersion(target, "1.99", "1.12");

/** Podman does not decode its paths before it routes them, and has secrets and tasks under versions only. */
const podmanIsStricter = (target: string): boolean =>
  outOfRange(target) || /^[^?]*%/.test(target) || /^\/(?:secrets|services|tasks|nodes|swarm)/.test(target);

const engines = [
  { name: "docker", isOwnCase: outOfRange },
  { name: "podman", isOwnCase: podmanIsStricter },
] as const;

for (const { name, isOwnCase } of engines) {
  suite(name, () => {
    let engine: TestEngine | { readonly why: string } = { why: "not started" };
    before(async () => {
      engine = await startNewerEngine(name);
      if ("socket" in engine) await makeImage(engine.socket, { reference: "bb:1" });
    });
    after(async () => {
      if ("socket" in engine) await engine.close();
    });

    test("a body that the gate has rewritten makes the same container", async (t) => {
      if ("why" in engine) return t.skip(engine.why);
      await compareBodies(engine.socket, fuzzRuns);
    });

    test("a target that the gate takes is the same call to the engine", async (t) => {
      if ("why" in engine) return t.skip(engine.why);
      await compareTargets(engine.socket, fuzzRuns, isOwnCase);
    });
  });
}
