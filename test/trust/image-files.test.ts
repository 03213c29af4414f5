// `plimsoll verify` and `trust show` of an image in a file: by the signatures that came with it, and for the bytes that are in it.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type RunResult, run } from "../cli/program.ts";
import { newPair, pemOf } from "../judges/scene.ts";
import { type Blob, describe, indexOf, makeBlob, makeOciImage, savedArchive, types } from "../support/oci-image.ts";
import {
  blobsOf,
  kept,
  layoutArchive,
  listedSignatures,
  named,
  type Signing,
  signaturesOf,
} from "../support/signed-layout.ts";

const repository = "registry.example/team/app";
const release = newPair();
const made = makeOciImage();
const platform = { platform: { os: "linux", architecture: "amd64" } };
const index = makeBlob(indexOf(describe(made.manifest, types.manifest, platform)));

type Desk = {
  readonly folder: string;
  file(name: string, bytes: Buffer): string;
  plimsoll(...words: readonly string[]): Promise<RunResult>;
  /** `trusted`, another state, or the code of an error. */
  verify(file: string): Promise<string>;
};

function openDesk(t: TestContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const signers = { release: { key: pemOf(release) } };
  const rules = [{ scope: `${repository.split("/team")[0]}/*`, require: { anyOf: ["release"] } }];
  writeFileSync(join(folder, "trust.yaml"), JSON.stringify({ version: "1", signers, rules }));
  const environment = { STATE_DIRECTORY: join(folder, "s"), HOME: folder };
  const plimsoll = (...words: readonly string[]): Promise<RunResult> =>
    run([...words, "--trust-file", join(folder, "trust.yaml"), "--platform", "linux/amd64"], { environment });
  return {
    folder,
    plimsoll,
    file(name, bytes) {
      const path = join(folder, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, bytes);
      return path;
    },
    async verify(file) {
      const { stderr } = await plimsoll("verify", file);
      return /plimsoll: ([a-z-]+): /.exec(stderr)?.[1] ?? /[A-Z]+_[A-Z]+/.exec(stderr)?.[0] ?? stderr;
    },
  };
}

/** As cosign save writes it: no names, the signatures listed beside. */
async function saved(top: Blob, type: string, signing: Partial<Signing> = {}): Promise<Buffer> {
  const store = await signaturesOf(made, { repository, by: release, format: "cosign", of: top, type, ...signing });
  const kind = type === types.index ? "imageIndex" : "image";
  const entries = [kept(top, kind, type), ...listedSignatures(store)];
  return layoutArchive({ entries, blobs: [...made.blobs, top, ...blobsOf(store)] });
}

test("a layout is judged by its own signatures: an image, an index, compressed, with and without names", async (t) => {
  const { file, verify } = openDesk(t);
  const image = await saved(made.manifest, types.manifest);
  const bundle = await signaturesOf(made, { repository, by: release });
  const ours = layoutArchive({
    entries: [named(made.manifest, `${repository}:1`)],
    blobs: [...made.blobs, ...blobsOf(bundle)],
  });
  const rows = {
    image: await verify(file("image.tar", image)),
    "as another name": await verify(`${file("image.tar", image)}#${repository}:9`),
    "as another repository": await verify(`${file("image.tar", image)}#registry.example/other:1`),
    compressed: await verify(file("image.tgz", gzipSync(image))),
    index: await verify(file("index.tar", await saved(index, types.index))),
    bundle: await verify(file("ours.tar", ours)),
    scheme: await verify(`archive://${file("ours.tar", ours)}`),
    stranger: await verify(file("stranger.tar", await saved(made.manifest, types.manifest, { by: newPair() }))),
    "of the child, around it an index": await verify(
      file("child.tar", await saved(index, types.index, { of: made.manifest, type: types.manifest })),
    ),
  };
  assert.deepEqual(rows, {
    ...{ image: "trusted", "as another name": "trusted", "as another repository": "untrusted", compressed: "trusted" },
    ...{ index: "trusted", bundle: "trusted", scheme: "trusted", stranger: "untrusted" },
    "of the child, around it an index": "untrusted",
  });
});

test("what nobody signed, what is altered, and what is no image is told as such", async (t) => {
  const { file, verify } = openDesk(t);
  const [layer] = made.layers;
  const altered = Buffer.from(layer?.bytes ?? []);
  altered[altered.length - 5] = (altered[altered.length - 5] ?? 0) ^ 1;
  const store = await signaturesOf(made, { repository, by: release });
  const evil = [...made.blobs, ...blobsOf(store)].map((blob) =>
    blob.digest === layer?.digest ? { ...blob, bytes: altered } : blob,
  );
  const entries = [named(made.manifest, `${repository}:1`)];
  const rows = {
    unsigned: await verify(file("unsigned.tar", layoutArchive({ entries, blobs: made.blobs }))),
    "older engines'": await verify(file("old.tar", savedArchive(made))),
    "an altered layer": await verify(file("evil.tar", layoutArchive({ entries, blobs: evil }))),
    "no archive": await verify(file("text.tar", Buffer.from("hello"))),
    nothing: await verify(join(file("x", Buffer.alloc(0)), "gone")),
  };
  assert.deepEqual(rows, {
    ...{ unsigned: "unsigned", "older engines'": "NOT_FOUND", "an altered layer": "DIGEST_MISMATCH" },
    ...{ "no archive": "MALFORMED_INPUT", nothing: "MALFORMED_INPUT" },
  });
});

test("the picture of a file says who signed it; nothing signs a file; and no file takes the place of a name", async (t) => {
  const { folder, file, plimsoll } = openDesk(t);
  const shown = await plimsoll("trust", "show", file("image.tar", await saved(made.manifest, types.manifest)));
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /✔ release {2}signed {2}cosign/);
  const signed = await run(["sign", join(folder, "image.tar")], { environment: { HOME: folder } });
  assert.match(signed.stderr, /signatures are written to registries/);
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  file("image", await saved(made.manifest, types.manifest));
  const name = await plimsoll("verify", "localhost:1/image", "--insecure-registry", "localhost:1");
  assert.match(name.stderr, /REGISTRY_UNREACHABLE|registry/);
});
