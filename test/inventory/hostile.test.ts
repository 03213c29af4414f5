// Bytes that mean harm: whatever a file of an image holds, a cataloger answers or refuses, with one of two codes, and in bounded time and room.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import type { Cataloger } from "../../src/inventory/cataloger.ts";
import { catalogers } from "../../src/inventory/catalogers.generated.ts";
import { createRouter } from "../../src/inventory/route.ts";
import { type FixtureFile, fixtureCases, fixtureFiles, pathsOf } from "./fixture-cases.ts";

const allowed: ReadonlySet<string> = new Set(["MALFORMED_INPUT", "LIMIT_EXCEEDED"]);

function tryCataloger(cataloger: Cataloger, file: FixtureFile): void {
  try {
    cataloger.catalog(file);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || !allowed.has(thrown.code)) throw thrown;
  }
}

for (const cataloger of catalogers) {
  test(`${cataloger.name} takes any bytes without harm`, () => {
    const words = fc.constantFrom(
      ...'{}[]":,\n\t =<>/@0123456789.v-"'.split(""),
      "\0",
      "\x7fELF",
      "PK\x03\x04",
      "name",
      "version",
      "é",
    );
    const text = fc.array(words, { maxLength: 300 }).map((parts) => Buffer.from(parts.join("")));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), text);
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(cataloger)), bytes, (path, content) =>
        tryCataloger(cataloger, { path, content }),
      ),
      { numRuns: 300, seed: 1 },
    );
  });

  test(`${cataloger.name} takes real files with changed, cut and doubled parts without harm`, () => {
    const router = createRouter([cataloger]);
    const files = fixtureCases()
      .filter((fixture) => fixture.cataloger === cataloger.name)
      .flatMap(({ folder }) => fixtureFiles(folder))
      .filter(({ path, content }) => router.route(path, content).length > 0);
    assert.ok(files.length > 0);
    const mutation = fc.record({
      file: fc.constantFrom(...files),
      kind: fc.constantFrom("flip", "cut", "double", "zero", "ones"),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(64),
      value: fc.nat(255),
    });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const [first] = mutations;
        if (first === undefined) return;
        let content = Buffer.from(first.file.content);
        for (const step of mutations) content = mutate(content, step);
        tryCataloger(cataloger, { path: first.file.path, content });
      }),
      { numRuns: 300, seed: 2 },
    );
  });
}

type Mutation = { readonly kind: string; readonly place: number; readonly length: number; readonly value: number };

function mutate(content: Buffer, { kind, place, length, value }: Mutation): Buffer<ArrayBuffer> {
  const copy = Buffer.from(content);
  const at = placeOf(place, copy.length);
  if (kind === "cut") return copy.subarray(0, at);
  if (kind === "double") return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - length))]);
  if (kind === "flip") copy.fill(value, at, Math.min(at + 1, copy.length));
  else copy.fill(kind === "zero" ? 0 : 0xff, at, Math.min(at + length, copy.length));
  return copy;
}

/** A third each near the start, near the end (where formats keep their tables) and anywhere. */
function placeOf(place: number, length: number): number {
  const near = Math.min(length, 1024);
  if (place < 1 / 3) return Math.floor(place * 3 * near);
  if (place < 2 / 3) return length - near + Math.floor((place * 3 - 1) * near);
  return Math.floor((place * 3 - 2) * length);
}
