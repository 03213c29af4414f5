// Rows M1 to M17 of docs/images.md that are in documents: what a registry serves is taken only if it can be read in one way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startImageRegistry } from "../support/image-registry.ts";
import type { Blob } from "../support/oci-image.ts";
import { describe, indexOf, makeBlob, makeOciImage, scratch, settingsFor, types } from "../support/oci-image.ts";
import { refusal, seeImage } from "../support/open-image.ts";

const image = makeOciImage();
const document = (changes: object): Blob => makeBlob({ ...JSON.parse(image.manifest.bytes.toString()), ...changes });
const config = describe(image.config, types.config);
const [layer] = image.layers.map((one) => describe(one, one.mediaType));
const text = image.manifest.bytes.toString();
const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
const platform = (architecture: string, variant?: string, more: object = {}): object => ({
  platform: { os: "linux", architecture, ...(variant === undefined ? {} : { variant }), ...more },
});
const child = (more: object): object => describe(image.manifest, types.manifest, more);
const other = makeOciImage({ config: { created: "2026-01-02T03:04:05Z" } });
const otherChild = (more: object): object => describe(other.manifest, types.manifest, more);
const schema1 = { schemaVersion: 1, name: "app", tag: "1", fsLayers: [{ blobSum: image.config.digest }], history: [] };

type Row = readonly [id: string, what: string, served: Blob, type: string, verdict: string];
const rows: readonly Row[] = [
  ["M0", "an image", image.manifest, types.manifest, "accepted"],
  ["M0b", "an index of one image", makeBlob(indexOf(child(platform("amd64")))), types.index, "accepted"],
  ["M3a", "a negative size", document({ config: { ...config, size: -1 } }), types.manifest, "MALFORMED_INPUT"],
  [
    "M3b",
    "a size of 2^63",
    makeBlob(text.replace(/"size":\d+/, '"size":9223372036854775808')),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M3c",
    "a size that is no whole number",
    document({ config: { ...config, size: 1.5 } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  ["M3d", "a size of zero", document({ config: { ...config, size: 0 } }), types.manifest, "DIGEST_MISMATCH"],
  [
    "M3e",
    "a size larger than allowed",
    document({ config: { ...config, size: 1e12 } }),
    types.manifest,
    "LIMIT_EXCEEDED",
  ],
  [
    "M3f",
    "a version with a number beyond 2^53 in it",
    makeBlob('{"schemaVersion":{"":9007199254740993}}'),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M3g",
    "a digest that is a number beyond 2^53",
    makeBlob(text.replace(/"digest":"[^"]*"/, '"digest":[9007199254740993]')),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M4",
    "layers and manifests in one document",
    document({ manifests: [child({})] }),
    types.manifest,
    "AMBIGUOUS_INPUT",
  ],
  ["M5a", "a body of another type than its header", image.manifest, types.index, "AMBIGUOUS_INPUT"],
  [
    "M5b",
    "an index served as a manifest",
    makeBlob({ ...indexOf(child({})), mediaType: undefined }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M5c",
    "no type that is known",
    makeBlob({ ...JSON.parse(text), mediaType: undefined }),
    "text/plain",
    "MALFORMED_INPUT",
  ],
  ["M6a", "a key twice", makeBlob(`${text.slice(0, -1)},"layers":[]}`), types.manifest, "AMBIGUOUS_INPUT"],
  [
    "M6b",
    "a key twice, in another case",
    makeBlob(`${text.slice(0, -1)},"Layers":[]}`),
    types.manifest,
    "AMBIGUOUS_INPUT",
  ],
  [
    "M6c",
    "a key in another case alone",
    makeBlob(text.replace('"layers"', '"Layers"')),
    types.manifest,
    "AMBIGUOUS_INPUT",
  ],
  ["M6d", "__proto__", makeBlob(`${text.slice(0, -1)},"__proto__":{"layers":[]}}`), types.manifest, "AMBIGUOUS_INPUT"],
  ["M6e", "a byte order mark", makeBlob(`\ufeff${text}`), types.manifest, "MALFORMED_INPUT"],
  ["M6f", "more behind the document", makeBlob(`${text}{}`), types.manifest, "MALFORMED_INPUT"],
  ["M6g", "NaN", makeBlob(text.replace('"schemaVersion":2', '"schemaVersion":NaN')), types.manifest, "MALFORMED_INPUT"],
  [
    "M6h",
    "bytes that are not UTF-8",
    makeBlob(Buffer.concat([image.manifest.bytes, Buffer.from([0xff])])),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  ["M6i", "10,000 levels", makeBlob(deep), types.manifest, "LIMIT_EXCEEDED"],
  ["M6j", "5 MiB", makeBlob(text + " ".repeat(5 * 1024 * 1024)), types.manifest, "LIMIT_EXCEEDED"],
  [
    "M9a",
    "two images for one platform",
    makeBlob(indexOf(child(platform("amd64")), otherChild(platform("amd64")))),
    types.index,
    "AMBIGUOUS_INPUT",
  ],
  [
    "M9b",
    "one platform under two spellings",
    makeBlob(indexOf(child(platform("amd64")), otherChild(platform("amd64", "v1")))),
    types.index,
    "AMBIGUOUS_INPUT",
  ],
  [
    "M9c",
    "two versions of one system",
    makeBlob(
      indexOf(
        child(platform("amd64", "", { "os.version": "1" })),
        otherChild(platform("amd64", "", { "os.version": "2" })),
      ),
    ),
    types.index,
    "AMBIGUOUS_INPUT",
  ],
  [
    "M9d",
    "a variant that this machine may not have",
    makeBlob(indexOf(child(platform("amd64", "v3")))),
    types.index,
    "NOT_FOUND",
  ],
  ["M9e", "another platform", makeBlob(indexOf(child(platform("arm64", "v8")))), types.index, "NOT_FOUND"],
  [
    "M9f",
    "an image and what BuildKit says about it",
    makeBlob(
      indexOf(
        child(platform("amd64")),
        otherChild({ ...platform("unknown"), annotations: { "vnd.docker.reference.type": "attestation-manifest" } }),
      ),
    ),
    types.index,
    "accepted",
  ],
  [
    "M9g",
    "the same image twice",
    makeBlob(indexOf(child(platform("amd64")), child(platform("amd64")))),
    types.index,
    "accepted",
  ],
  [
    "M11a",
    "sha512",
    document({ config: { ...config, digest: `sha512:${"a".repeat(128)}` } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M11b",
    "md5",
    document({ config: { ...config, digest: `md5:${"a".repeat(32)}` } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M11c",
    "upper case",
    document({ config: { ...config, digest: image.config.digest.toUpperCase() } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M11d",
    "a path as a digest",
    document({ config: { ...config, digest: "sha256:../../../etc/passwd" } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M11e",
    "a short digest",
    document({ config: { ...config, digest: "sha256:abcd" } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M12a",
    "a layer at another address",
    document({ layers: [{ ...layer, urls: ["http://169.254.169.254/"] }] }),
    types.manifest,
    "AMBIGUOUS_INPUT",
  ],
  [
    "M12b",
    "a foreign layer",
    document({ layers: [{ ...layer, mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" }] }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M16",
    "embedded data that is not what the digest says",
    document({ config: { ...config, data: "e30=" } }),
    types.manifest,
    "DIGEST_MISMATCH",
  ],
  [
    "M16b",
    "embedded data that is what the digest says",
    document({ config: { ...config, data: image.config.bytes.toString("base64") } }),
    types.manifest,
    "accepted",
  ],
  [
    "M17a",
    "a Helm chart",
    document({ config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" } }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  [
    "M17b",
    "a manifest of schema 1",
    makeBlob(schema1),
    "application/vnd.docker.distribution.manifest.v1+json",
    "MALFORMED_INPUT",
  ],
  [
    "M17c",
    "a layer that is no tar",
    document({ layers: [{ ...layer, mediaType: "application/vnd.wasm.content.layer.v1+wasm" }, layer] }),
    types.manifest,
    "MALFORMED_INPUT",
  ],
  ["C11", "fewer layers than the config has", document({ layers: [layer] }), types.manifest, "MALFORMED_INPUT"],
];

for (const [id, what, served, type, verdict] of rows) {
  test(`${id}: ${what}`, async (t) => {
    const folder = await scratch(t);
    const { host } = await startImageRegistry(t, { ...image, blobs: [...image.blobs, ...other.blobs] }, undefined, {
      "2": { blob: served, type },
    });
    assert.equal(await refusal(`${host}/app:2`, settingsFor(folder, { insecureRegistries: [host] })), verdict);
  });
}

test("M9: the nearest variant of a platform is chosen, always the same", async (t) => {
  const folder = await scratch(t);
  const old = makeOciImage({ config: { architecture: "arm", variant: "v6" } });
  const near = makeOciImage({ config: { architecture: "arm", variant: "v7" } });
  const arm = (made: typeof old, variant: string): object =>
    describe(made.manifest, types.manifest, platform("arm", variant));
  const index = makeBlob(indexOf(arm(old, "v6"), arm(near, "v7"), arm(image, "v8")));
  const both = { ...image, blobs: [...old.blobs, ...near.blobs] };
  const served = Object.fromEntries(
    [old, near].map(({ manifest }) => [manifest.digest, { blob: manifest, type: types.manifest }]),
  );
  const { host } = await startImageRegistry(t, both, undefined, { ...served, "2": { blob: index, type: types.index } });
  const chosen = async (variant: string): Promise<string> => {
    const settings = settingsFor(folder, {
      insecureRegistries: [host],
      platform: { os: "linux", architecture: "arm", variant },
    });
    return (await seeImage(`${host}/app:2`, settings)).description.manifestDigest;
  };
  assert.deepEqual([await chosen(""), await chosen("v6")], [near.manifest.digest, old.manifest.digest]);
});

test("M10: indexes within indexes end somewhere", async (t) => {
  const folder = await scratch(t);
  const levels = [makeBlob(indexOf(child({})))];
  for (let depth = 0; depth < 10; depth += 1)
    levels.push(makeBlob(indexOf(describe(levels.at(-1) ?? image.manifest, types.index))));
  const served = Object.fromEntries(levels.map((blob) => [blob.digest, { blob, type: types.index }]));
  const { host } = await startImageRegistry(t, image, undefined, served);
  const verdicts = await Promise.all(
    [0, 1, 2, 10].map((depth) =>
      refusal(`${host}/app@${levels[depth]?.digest}`, settingsFor(folder, { insecureRegistries: [host] })),
    ),
  );
  assert.deepEqual(verdicts, ["accepted", "accepted", "AMBIGUOUS_INPUT", "AMBIGUOUS_INPUT"]);
});
