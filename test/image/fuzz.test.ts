// Bytes of any kind: no crash, no hang, only documented errors, and the same answer however the bytes are cut.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { PlimsollError } from "../../src/base/errors.ts";
import { placeOf } from "../../src/base/tar/name.ts";
import { readPaxRecords } from "../../src/base/tar/pax.ts";
import { checkLayout, chooseFromLayout } from "../../src/image/archive/oci-index.ts";
import { readConfig } from "../../src/image/documents/config.ts";
import { readManifest } from "../../src/image/documents/manifest.ts";
import { foldLayers } from "../../src/image/layer/fold-layers.ts";
import { readChallenge } from "../../src/image/registry/challenge.ts";
import { dockerCredentials } from "../../src/image/registry/docker-credentials.ts";
import { readReferrersIndex } from "../../src/image/registry/referrers.ts";
import { paxRecord } from "../support/hostile-tar.ts";
import { mutated } from "../support/mutated.ts";
import { makeOciImage, newSavedArchive, ociArchive, savedArchive, scratch, settingsFor } from "../support/oci-image.ts";
import { refusal } from "../support/open-image.ts";
import { randomLayer } from "../support/random-layer.ts";
import { readTar, verdictOf } from "../support/read-tar.ts";

const runs = Number(process.env["PLIMSOLL_FUZZ_RUNS"] ?? 300);
const realImage = join(import.meta.dirname, "../../../shared/data/images/alpine-310.docker.tar.gz");
const image = makeOciImage();

test("mutated layers give an answer or a documented error, the same in any pieces", async () => {
  for (let seed = 0; seed < runs; seed += 1) {
    const plain = mutated(randomLayer(seed), seed);
    const bytes = seed % 3 === 0 ? gzipSync(plain) : seed % 3 === 1 ? zstdCompressSync(plain) : plain;
    const whole = await readTar(bytes);
    const pieces = await readTar(bytes, { pieceBytes: 1 + (seed % 777) });
    assert.deepEqual(
      [verdictOf(pieces), pieces.summary?.diffId],
      [verdictOf(whole), whole.summary?.diffId],
      `seed ${seed}`,
    );
  }
});

test("mutated compressed bytes give an answer or a documented error", async () => {
  for (let seed = 0; seed < runs; seed += 1) {
    const plain = randomLayer(seed);
    const seen = await readTar(mutated(seed % 2 === 0 ? gzipSync(plain) : zstdCompressSync(plain), seed));
    assert.ok(seen.error === undefined || seen.error.hint !== "", `seed ${seed}`);
  }
});

test("mutated archives of images give an answer or a documented error", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "image.tar");
  const forms = [savedArchive(image), newSavedArchive(image), ociArchive(image), gzipSync(savedArchive(image))];
  for (let seed = 0; seed < runs; seed += 1) {
    await writeFile(path, mutated(forms[seed % forms.length] ?? Buffer.alloc(0), seed));
    // A file that is no archive any more is left to the next source.
    await refusal(path, settingsFor(folder)).catch((error: Error) =>
      assert.match(error.message, /^no source takes/, `seed ${seed}`),
    );
  }
});

test("a real image with mutations gives an answer or a documented error", {
  skip: existsSync(realImage) ? false : "the shared images are not there",
}, async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "image.tar");
  const real = gunzipSync(readFileSync(realImage));
  for (let seed = 0; seed < 20; seed += 1) {
    await writeFile(path, mutated(real, seed));
    await refusal(path, settingsFor(folder)).catch((error: Error) =>
      assert.match(error.message, /^no source takes/, `seed ${seed}`),
    );
  }
});

/** Whether a call returns, or throws what is documented. */
function isCalm(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    return error instanceof PlimsollError && error.hint !== "";
  }
}

test("any JSON as a manifest or config gives an answer or a documented error", () => {
  const parts = fc.constantFrom(
    "schemaVersion",
    "mediaType",
    "config",
    "layers",
    "manifests",
    "digest",
    "size",
    "rootfs",
    "os",
    "history",
  );
  const anyJson = fc.letrec((tie) => ({
    value: fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(2), fc.dictionary(parts, tie("value"), { maxKeys: 4 })),
  })).value;
  fc.assert(
    fc.property(anyJson, fc.constantFrom("", "application/vnd.oci.image.index.v1+json"), (value, type) => {
      const bytes = Buffer.from(JSON.stringify(value) ?? "null");
      return isCalm(() => readManifest(bytes, type, 1_000_000)) && isCalm(() => readConfig(bytes, 1_000_000));
    }),
    { numRuns: runs },
  );
});

test("mutated manifests and configs give an answer or a documented error", () => {
  for (let seed = 0; seed < runs * 3; seed += 1) {
    const calm =
      isCalm(() => readManifest(mutated(image.manifest.bytes, seed), "", 100_000)) &&
      isCalm(() => readConfig(mutated(image.config.bytes, seed), 100_000));
    assert.ok(calm, `seed ${seed}`);
  }
});

test("mutated entries of layouts and answers of registries give an answer or a documented error", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 7, artifactType: "a/b" };
  const index = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [entry] }),
  );
  const layout = Buffer.from('{"imageLayoutVersion":"1.0.0"}');
  const challenge = Buffer.from('Bearer realm="https://auth.test/token",service="registry.test",scope="a:b:pull"');
  const platform = { os: "linux", architecture: "amd64", variant: "" };
  for (let seed = 0; seed < runs * 3; seed += 1) {
    const calm =
      isCalm(() => chooseFromLayout(mutated(index, seed), "", platform, 100_000)) &&
      isCalm(() => checkLayout(mutated(layout, seed), 100_000)) &&
      isCalm(() => readReferrersIndex(mutated(index, seed))) &&
      isCalm(() => readChallenge(mutated(challenge, seed).toString("latin1")));
    assert.ok(calm, `seed ${seed}`);
  }
});

test("mutated files of log-ins give nobody, or somebody, but no error", async (t) => {
  const folder = await scratch(t);
  const file = Buffer.from(
    JSON.stringify({ auths: { "a.test": { auth: "bWU6c2VjcmV0" } }, credsStore: "", credHelpers: {} }),
  );
  for (let seed = 0; seed < runs; seed += 1) {
    await writeFile(join(folder, "config.json"), mutated(file, seed));
    await dockerCredentials("a.test", { DOCKER_CONFIG: folder });
  }
});

test("mutated paths of layers, as they are kept, are folded or refused", async () => {
  for (let seed = 0; seed < runs; seed += 1) {
    const { summary } = await readTar(randomLayer(seed * 2));
    const paths = mutated(Buffer.from(summary?.paths ?? []), seed);
    assert.ok(
      isCalm(() =>
        foldLayers([
          { paths, wanted: ["a"] },
          { paths, wanted: [] },
        ]).resolve("a/x"),
      ),
      `seed ${seed}`,
    );
  }
});

test("pax records that were written are read again", () => {
  const key = fc.string({ minLength: 1, unit: "binary-ascii" }).filter((text) => !/[=\0]/.test(text));
  fc.assert(
    fc.property(
      fc.dictionary(
        key,
        fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString("hex")),
        { maxKeys: 5 },
      ),
      (wanted) => {
        const bytes = Buffer.concat(Object.entries(wanted).map(([name, value]) => paxRecord(name, value)));
        const read = readPaxRecords(bytes);
        assert.deepEqual(
          [...(read?.values ?? [])].map(([name, value]) => [name, value.toString()]),
          Object.entries(wanted),
        );
      },
    ),
    { numRuns: runs },
  );
});

test("a place is always below the root, and the place of a place is itself", () => {
  const name = fc.array(fc.constantFrom("a", "..", ".", "", "b c", "\u00e9")).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(name, (text) => {
      const { path } = placeOf(text);
      assert.ok(path === "" || path.split("/").every((part) => part !== "" && part !== "." && part !== ".."), path);
      assert.deepEqual(placeOf(path), { path, rule: "" });
    }),
    { numRuns: runs },
  );
});
