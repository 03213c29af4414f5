// What is known of images, and when it counts: the scanner is a fake, because its moments have to be chosen.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ScannedImage } from "../../../src/admission/service/messages.ts";
import { unscannedFacts } from "../../../src/admission/verdict/admission-facts.ts";
import { createImageGate } from "../../../src/gate/admission/image-gate.ts";
import { temporaryFolder } from "../../findings/database-of.ts";

const asked = { listener: "docker", image: "a:1", imageId: "sha256:a" };

function scanned(critical: number): ScannedImage {
  const facts = { ...unscannedFacts(asked, ""), scanned: true, critical };
  return { facts, created: "", dataBuiltAt: "", dataDigest: "" };
}

/** One scan at a time for all who ask, as the real one does it. */
class Scanner {
  started = 0;
  #current: PromiseWithResolvers<ScannedImage> | undefined;

  scan(): Promise<ScannedImage> {
    if (this.#current === undefined) {
      this.started++;
      this.#current = Promise.withResolvers();
    }
    return this.#current.promise;
  }

  finish(image: ScannedImage): void {
    this.#current?.resolve(image);
    this.#current = undefined;
  }

  close(): void {
    this.#current = undefined;
  }
}

test("a scan that began before the knowledge changed answers nobody who asks afterwards", async (t) => {
  const knowledge = join(temporaryFolder(t), "ignore.yaml");
  writeFileSync(knowledge, "old\n");
  const scanner = new Scanner();
  const gate = createImageGate({ scanner, knowledgeFiles: [knowledge], waitMs: 10_000, nowMs: () => 0 });
  gate.expect("sha256:a");
  writeFileSync(knowledge, "new knowledge\n");
  const facts = gate.facts(asked);
  scanner.finish(scanned(0));
  await new Promise((resolve) => setImmediate(resolve));
  scanner.finish(scanned(1));
  assert.deepEqual([(await facts).critical, scanner.started], [1, 2]);
  assert.equal(gate.factsNow(asked)?.critical, 1);
});

test("who asks together is answered by one scan", async (t) => {
  const scanner = new Scanner();
  const files = [join(temporaryFolder(t), "none")];
  const gate = createImageGate({ scanner, knowledgeFiles: files, waitMs: 10_000, nowMs: () => 0 });
  const both = [gate.facts(asked), gate.facts(asked)];
  scanner.finish(scanned(2));
  assert.deepEqual([(await Promise.all(both)).map(({ critical }) => critical), scanner.started], [[2, 2], 1]);
});
