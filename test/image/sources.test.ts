// One image in every form in which images are kept: the same description and the same files come out of each.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { archive, hardlink, member, symlink as symlinkMember } from "../support/hostile-tar.ts";
import {
  describe,
  indexOf,
  makeOciImage,
  newSavedArchive,
  ociArchive,
  savedArchive,
  scratch,
  settingsFor,
  types,
  writeLayout,
} from "../support/oci-image.ts";
import { refusal, seeImage } from "../support/open-image.ts";

const image = makeOciImage({ compression: "gzip" });
const files = ["etc/new", "etc/os-release"];

const forms: readonly (readonly [what: string, source: string, bytes: Buffer])[] = [
  ["docker save, as it was until engine 24", "docker-archive", savedArchive(image)],
  ["docker save of the old form, gzip'ed", "docker-archive", gzipSync(savedArchive(image))],
  ["docker save, as it is from engine 25 on", "oci-archive", newSavedArchive(image)],
  ["an OCI archive", "oci-archive", ociArchive(image)],
  ["an OCI archive, zstd'ed", "oci-archive", zstdCompressSync(ociArchive(image))],
];
for (const [what, source, bytes] of forms) {
  test(`an image is read from ${what}`, async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "image.tar"), bytes);
    const seen = await seeImage(join(folder, "image.tar"), settingsFor(folder));
    assert.deepEqual(
      {
        source: seen.description.source,
        id: seen.description.configDigest,
        files: seen.files,
        ambiguities: seen.ambiguities,
        createdBy: seen.description.layers.map(({ createdBy }) => createdBy),
        left: await readdir(folder),
      },
      {
        source,
        id: image.config.digest,
        files,
        ambiguities: [],
        createdBy: ["RUN step 0", "RUN step 1"],
        left: ["image.tar"],
      },
    );
  });
}

test("a large compressed archive, which is inflated in many pieces, is read to the last byte", async (t) => {
  const large = archive(member({ name: "large", data: randomBytes(3_000_001) }));
  const made = makeOciImage({ tars: [large], compression: "none" });
  for (const packed of [gzipSync(savedArchive(made)), zstdCompressSync(savedArchive(made))]) {
    const folder = await scratch(t);
    await writeFile(join(folder, "image.tar"), packed);
    const seen = await seeImage(join(folder, "image.tar"), settingsFor(folder));
    assert.deepEqual([seen.files, await readdir(folder)], [["large"], ["image.tar"]]);
  }
});

for (const compression of ["none", "gzip", "zstd"] as const) {
  test(`an image is read from an OCI layout with layers in ${compression}`, async (t) => {
    const folder = await scratch(t);
    const made = makeOciImage({ compression });
    await writeLayout(join(folder, "layout"), made);
    const { description, files: found } = await seeImage(join(folder, "layout"), settingsFor(folder));
    assert.deepEqual(
      [description.source, description.manifestDigest, description.names, found],
      ["oci-layout", made.manifest.digest, ["registry.example/team/app:1"], files],
    );
  });
}

test("layers that docker save wrote once and linked to are found", async (t) => {
  const folder = await scratch(t);
  const [first] = image.layers;
  const made = makeOciImage({ tars: [first?.tar ?? Buffer.alloc(0), first?.tar ?? Buffer.alloc(0)] });
  const saved = [{ Config: "config.json", RepoTags: null, Layers: ["a/layer.tar", "b/layer.tar"] }];
  const bytes = archive(
    member({ name: "a/layer.tar", data: first?.tar ?? "" }),
    symlinkMember("b/layer.tar", "../a/layer.tar"),
    hardlink("unused", "a/layer.tar"),
    member({ name: "config.json", data: made.config.bytes }),
    member({ name: "manifest.json", data: JSON.stringify(saved) }),
  );
  await writeFile(join(folder, "image.tar"), bytes);
  const seen = await seeImage(join(folder, "image.tar"), settingsFor(folder));
  assert.deepEqual([seen.description.layers.length, seen.files], [2, ["etc/gone", "etc/os-release"]]);
});

test("an archive that describes two different images is refused", async (t) => {
  const folder = await scratch(t);
  const other = makeOciImage({ config: { config: { User: "root" } } });
  const [first = "", second = ""] = image.layers.map(({ digest }) => `blobs/${digest.replace(":", "/")}`);
  const lying = archive(
    newSavedArchive(image, { Config: "other.json" }).subarray(0, -1024),
    member({ name: "other.json", data: other.config.bytes }),
  );
  await writeFile(join(folder, "config.tar"), lying);
  await writeFile(join(folder, "layers.tar"), newSavedArchive(image, { Layers: [second, first] }));
  const settings = settingsFor(folder);
  assert.deepEqual(
    [await refusal(join(folder, "config.tar"), settings), await refusal(join(folder, "layers.tar"), settings)],
    ["AMBIGUOUS_INPUT", "AMBIGUOUS_INPUT"],
  );
});

test("M23: a saved archive leads to nothing outside of itself, and its names are claims", async (t) => {
  const folder = await scratch(t);
  const made = makeOciImage({ config: { config: { User: "1" } } });
  const layers = made.layers.map((_, at) => `l${at}/layer.tar`);
  const save = async (name: string, saved: object, ...more: readonly Buffer[]): Promise<string> => {
    const file = join(folder, name);
    const members = made.layers.map((layer, at) => member({ name: `l${at}/layer.tar`, data: layer.tar }));
    const list = [{ Config: "config.json", RepoTags: ["docker.io/library/nginx:1"], Layers: layers, ...saved }];
    const documents = [
      member({ name: "config.json", data: made.config.bytes }),
      member({ name: "manifest.json", data: JSON.stringify(list) }),
    ];
    await writeFile(file, archive(...members, ...more, ...documents));
    return file;
  };
  await writeFile(join(folder, "outside.json"), made.config.bytes);
  await writeFile(join(folder, "outside.tar"), made.layers[0]?.tar ?? "");
  const settings = settingsFor(folder);
  const [, ...others] = layers;
  const lead = symlinkMember("out/layer.tar", "../../outside.tar");
  const absolute = symlinkMember("out/layer.tar", join(folder, "outside.tar"));
  const circle = [symlinkMember("out/layer.tar", "a"), symlinkMember("out/a", "layer.tar")];
  const leading = { Layers: ["out/layer.tar", ...others] };
  assert.deepEqual(
    [
      await refusal(await save("config.tar", { Config: "../outside.json" }), settings),
      await refusal(await save("absolute-config.tar", { Config: join(folder, "outside.json") }), settings),
      await refusal(await save("layer.tar", { Layers: ["../outside.tar", ...others] }), settings),
      await refusal(await save("link.tar", leading, lead), settings),
      await refusal(await save("absolute-link.tar", leading, absolute), settings),
      await refusal(await save("circle.tar", leading, ...circle), settings),
    ],
    Array.from({ length: 6 }, () => "MALFORMED_INPUT"),
  );
  const seen = await seeImage(await save("claims.tar", {}), settings);
  assert.deepEqual(
    [seen.description.source, seen.description.names],
    ["docker-archive", ["docker.io/library/nginx:1"]],
  );
});

test("one of several images is chosen by its name, and never by chance", async (t) => {
  const folder = await scratch(t);
  const other = makeOciImage({ config: { created: "2026-01-01T00:00:00Z" } });
  const name = (text: string): object => ({ annotations: { "org.opencontainers.image.ref.name": text } });
  const index = indexOf(
    describe(image.manifest, types.manifest, name("one")),
    describe(other.manifest, types.manifest, name("two")),
  );
  const both = { ...image, blobs: [...image.blobs, ...other.blobs] };
  await writeLayout(join(folder, "layout"), both, index);
  const settings = settingsFor(folder);
  const chosen = await seeImage(`${join(folder, "layout")}#two`, settings);
  assert.deepEqual(
    [
      chosen.description.manifestDigest,
      await refusal(join(folder, "layout"), settings),
      await refusal(`${join(folder, "layout")}#three`, settings),
    ],
    [other.manifest.digest, "NOT_FOUND", "NOT_FOUND"],
  );
});

test("a blob of a layout that is a link is not followed", async (t) => {
  const folder = await scratch(t);
  await writeLayout(join(folder, "layout"), image);
  const blob = join(folder, "layout/blobs/sha256", image.config.digest.slice(7));
  await writeFile(join(folder, "outside"), image.config.bytes);
  await rm(blob);
  await symlink(join(folder, "outside"), blob);
  assert.equal(await refusal(join(folder, "layout"), settingsFor(folder)), "NOT_FOUND");
});

test("a folder is read as one layer, without following its links", async (t) => {
  const folder = await scratch(t);
  await mkdir(join(folder, "root/etc"), { recursive: true });
  await writeFile(join(folder, "root/etc/os-release"), "ID=test\n");
  await symlink("/etc/shadow", join(folder, "root/etc/shadow"));
  await symlink("/usr", join(folder, "root/usr"));
  const seen = await seeImage(`${join(folder, "root")}`, settingsFor(folder));
  assert.deepEqual([seen.description.source, seen.files], ["directory", ["etc/os-release"]]);
});

test("a layer whose bytes were changed is not taken, wherever it lies", async (t) => {
  const folder = await scratch(t);
  const [first] = image.layers;
  const changed = Buffer.from(first?.tar ?? "");
  changed.write("evil", 512);
  const spoiled = savedArchive({
    ...image,
    layers: image.layers.map((layer, index) => (index === 0 ? { ...layer, tar: changed } : layer)),
  });
  await writeFile(join(folder, "image.tar"), spoiled);
  const layout = {
    ...image,
    blobs: image.blobs.map((blob) =>
      blob.digest === first?.digest ? { ...blob, bytes: Buffer.from([...blob.bytes].reverse()) } : blob,
    ),
  };
  await writeLayout(join(folder, "layout"), layout);
  const settings = settingsFor(folder);
  assert.deepEqual(
    [await refusal(join(folder, "image.tar"), settings), await refusal(join(folder, "layout"), settings)],
    ["DIGEST_MISMATCH", "DIGEST_MISMATCH"],
  );
});
