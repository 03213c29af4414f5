// Whole scans of archives made on the spot: layers, what stands and what is only shipped, what is kept for the next time.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { openLayerPool } from "../../src/admission/worker/layer-pool.ts";
import { PlimsollError } from "../../src/base/errors.ts";
import { defaultImageLimits } from "../../src/image/limits.ts";
import { advisory, databaseOf } from "../findings/database-of.ts";
import { type TarFile, tar } from "../support/tar.ts";
import { apkDatabase, makeArchive, osRelease } from "./make-archive.ts";
import { makeRoom, plainAnalysis } from "./room.ts";

const token = makeToken("16C7e42F292c6912E7710c838347Ae");

test("packages, their layers and their Dockerfile lines come out of an archive", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  const id = makeArchive(file, {
    layers: [[osRelease, apkDatabase(["musl", "1.2.4-r2"])], [apkDatabase(["musl", "1.2.4-r2"], ["curl", "8.5.0-r0"])]],
    history: ["ADD rootfs.tar /", "RUN apk add curl"],
  });
  const { image, inventory, layers } = await room.scan(file);
  assert.deepEqual(
    {
      id: image.configDigest,
      distribution: inventory.distribution?.id,
      packages: inventory.packages.map(({ name, version, layer }) => [name, version, layer]),
      lines: image.layers.map(({ createdBy }) => createdBy),
      entries: layers.map(({ entries }) => entries),
      problems: inventory.problems,
    },
    {
      id,
      distribution: "alpine",
      packages: [
        ["curl", "8.5.0-r0", 1],
        ["musl", "1.2.4-r2", 0],
      ],
      lines: ["ADD rootfs.tar /", "RUN apk add curl"],
      entries: [2, 1],
      problems: [],
    },
  );
});

test("a secret that an upper layer deletes is still found, a setuid file that is gone is not", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  makeArchive(file, {
    layers: [
      [
        { name: "app/.env", data: `GITHUB_TOKEN=${token}\n`, mode: "0644" },
        { name: "usr/bin/tool", data: "x".repeat(64), mode: "4755" },
      ],
      [
        { name: "app/.wh..env", mode: "0644" },
        { name: "usr/bin/.wh.tool", mode: "0644" },
      ],
    ],
  });
  const { findings } = await room.scan(file);
  const secrets = findings.filter((finding) => finding.kind === "secret");
  assert.deepEqual(
    {
      secrets: secrets.map(({ place, path, layer }) => [place, path, layer]),
      setuid: findings.filter(({ path }) => path === "usr/bin/tool").length,
      shown: JSON.stringify(findings).includes(token),
    },
    { secrets: [["deleted-file", "app/.env", 0]], setuid: 0, shown: false },
  );
});

test("the second scan reads nothing, and an image that shares all but one layer costs that layer", async (t) => {
  const room = makeRoom(t);
  const [first, second] = [join(room.folder, "first.tar"), join(room.folder, "second.tar")];
  const base = [osRelease, apkDatabase(["musl", "1.2.4-r2"])];
  makeArchive(first, { layers: [base, [{ name: "app/a", data: "a", mode: "0644" }]] });
  makeArchive(second, { layers: [base, [{ name: "app/b", data: "b", mode: "0644" }]] });
  const cold = await room.scan(first);
  const warm = await room.scan(first);
  await room.scan(second);
  assert.deepEqual(room.read, [0, 1, 1]);
  assert.deepEqual({ ...warm, durationMs: 0 }, { ...cold, durationMs: 0 });
});

test("what was kept and then damaged is read again, never believed", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  makeArchive(file, { layers: [[osRelease, apkDatabase(["musl", "1.2.4-r2"])]] });
  const cold = await room.scan(file);
  for (const kind of ["layers", "images"]) {
    const folder = join(room.folder, "scans", kind);
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      writeFileSync(join(folder, name), bytes);
    }
  }
  const again = await room.scan(file);
  assert.deepEqual(room.read, [0, 0]);
  assert.deepEqual(again.inventory, cold.inventory);
});

test("weaknesses are looked up anew when the database changes, without reading the image", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  makeArchive(file, { layers: [[osRelease, apkDatabase(["curl", "8.5.0-r0"])]] });
  const before = await room.scan(file);
  const database = await databaseOf(t, [
    advisory("apk:alpine:3.19", "curl", "CVE-2024-0853", "8.6.0-r0", { severity: "high" }),
  ]);
  const after = await room.scan(file, { database });
  assert.deepEqual([before.findings, before.advisoryData.digest, room.read], [[], "", [0]]);
  assert.deepEqual(
    after.findings.map(
      (finding) =>
        finding.kind === "vulnerability" && [finding.id, finding.package, finding.fixedVersion, finding.layer],
    ),
    [["CVE-2024-0853", "curl", "8.6.0-r0", 0]],
  );
});

test("one file that cannot be read is told, and the rest is there", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  makeArchive(file, {
    layers: [
      [
        osRelease,
        apkDatabase(["musl", "1.2.4-r2"]),
        { name: "app/x.jar", data: "PK\u0003\u0004 broken", mode: "0644" },
      ],
    ],
  });
  const { inventory } = await room.scan(file);
  assert.deepEqual(
    [inventory.packages.map(({ name }) => name), inventory.problems.map(({ path }) => path)],
    [["musl"], ["app/x.jar"]],
  );
});

const musl = apkDatabase(["musl", "1.2.4-r2"]);
const links: readonly (readonly [
  what: string,
  layers: readonly (readonly TarFile[])[],
  expected: readonly string[],
])[] = [
  [
    "a symbolic link to another file",
    [
      [
        { ...musl, name: "opt/elsewhere" },
        { name: "lib/apk/db/installed", type: "2", link: "/opt/elsewhere" },
      ],
    ],
    ['lib/apk/db/installed is a link to "opt/elsewhere", which was not read as this file'],
  ],
  [
    "a hard link to another file",
    [
      [
        { ...musl, name: "opt/elsewhere" },
        { name: "lib/apk/db/installed", type: "1", link: "opt/elsewhere", mode: "0644" },
      ],
    ],
    ['lib/apk/db/installed is a link to "opt/elsewhere", which was not read as this file'],
  ],
  [
    "a hard link to a file of a lower layer",
    [
      [{ ...musl, name: "opt/elsewhere" }],
      [{ name: "lib/apk/db/installed", type: "1", link: "opt/elsewhere", mode: "0644" }],
    ],
    ['lib/apk/db/installed is a link to "opt/elsewhere", which was not read as this file'],
  ],
  [
    "behind a folder that is a link",
    [
      [
        { ...musl, name: "opt/db/installed" },
        { name: "lib/apk/db", type: "2", link: "../../opt/db" },
      ],
    ],
    ['lib/apk/db/installed is a link to "opt/db/installed", which was not read as this file'],
  ],
  [
    "a folder of Debian packages behind a link",
    [
      [
        { name: "opt/d/libc6", data: "Package: libc6\n", mode: "0644" },
        { name: "var/lib/dpkg/status.d", type: "2", link: "/opt/d" },
      ],
    ],
    ['var/lib/dpkg/status.d is a link to "opt/d", which was not read as this file'],
  ],
  [
    "below usr, where lib is a link to usr/lib",
    [
      [
        { ...musl, name: "usr/lib/apk/db/installed" },
        { name: "lib", type: "2", link: "usr/lib" },
      ],
    ],
    [],
  ],
];
for (const [what, layers, expected] of links) {
  test(`a package database that is ${what} is ${expected.length === 0 ? "read" : "told, not passed over"}`, async (t) => {
    const room = makeRoom(t);
    const file = join(room.folder, "image.tar");
    makeArchive(file, { layers: [[osRelease], ...layers] });
    const { inventory } = await room.scan(file);
    assert.deepEqual(
      inventory.problems.map(({ path, what: problem }) => `${path} ${problem}`),
      expected,
    );
    assert.equal(inventory.packages.length, expected.length === 0 ? 1 : 0);
  });
}

test("a layer whose package lists name more files than any image has ends the scan", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  const list = "/usr/a\n".repeat(299_000);
  const lists = Array.from({ length: 2 }, (_, at) => ({
    name: `var/lib/dpkg/info/p${at}.list`,
    data: list,
    mode: "0644",
  }));
  makeArchive(file, { layers: [lists] });
  await assert.rejects(
    room.scan(file),
    (thrown) =>
      thrown instanceof PlimsollError && thrown.code === "LIMIT_EXCEEDED" && /500000 programs/.test(thrown.message),
  );
});

test("a package list whose every name is made of a folder's endless name costs its own size, not a thousand times as much", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  const database = `P:a\nV:1-r0\nF:usr/${"x".repeat(1_000_000)}\n${"R:b\n".repeat(200_000)}`;
  const manifest = JSON.stringify({ name: "a", version: "1.0.0" });
  makeArchive(file, {
    layers: [
      [
        osRelease,
        { name: "lib/apk/db/installed", data: database, mode: "0644" },
        { name: "usr/lib/node_modules/a/package.json", data: manifest, mode: "0644" },
      ],
    ],
  });
  const { inventory } = await room.scan(file);
  assert.deepEqual(
    inventory.packages.map(({ name, isOwnedByDistribution }) => `${name} ${isOwnedByDistribution}`),
    ["a false", "a false"],
  );
});

test("layers that are each within the limits are too much together", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  const lists = Array.from({ length: 3 }, (_, layer) => [
    apkDatabase(...Array.from({ length: 70_000 }, (_, at) => [`p${at}`, `${layer}.0-r0`] as const)),
  ]);
  makeArchive(file, { layers: lists });
  await assert.rejects(
    room.scan(file),
    (thrown) =>
      thrown instanceof PlimsollError && thrown.code === "LIMIT_EXCEEDED" && /200000 packages/.test(thrown.message),
  );
});

test("what a lock file asks for is judged in a folder of sources, not in an image", async (t) => {
  const room = makeRoom(t);
  const lock = JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/lodash": { version: "4.17.4" } } });
  const folder = join(room.folder, "sources");
  mkdirSync(folder);
  writeFileSync(join(folder, "package-lock.json"), lock);
  const file = join(room.folder, "image.tar");
  makeArchive(file, { layers: [[osRelease, { name: "app/package-lock.json", data: lock, mode: "0644" }]] });
  const database = await databaseOf(t, [advisory("npm", "lodash", "CVE-2019-10744", "4.17.12")]);
  const [sources, image] = [await room.scan(folder, { database }), await room.scan(file, { database })];
  assert.deepEqual(
    [sources, image].map(({ findings }) => findings.filter(({ kind }) => kind === "vulnerability").map(({ id }) => id)),
    [["CVE-2019-10744"], []],
  );
});

test("a layer whose bytes are not those of its digest ends the scan", async (t) => {
  const room = makeRoom(t);
  const file = join(room.folder, "image.tar");
  makeArchive(file, { layers: [[{ name: "app/marker", data: "the original text", mode: "0644" }]] });
  const bytes = readFileSync(file);
  bytes.write("the forged text..", bytes.indexOf("the original text"));
  writeFileSync(file, bytes);
  await assert.rejects(
    room.scan(file),
    (thrown) => thrown instanceof PlimsollError && thrown.code === "DIGEST_MISMATCH",
  );
});

test("worker threads read several layers, and find the same as this thread", async (t) => {
  const alone = makeRoom(t);
  const threads = makeRoom(t, { lanes: 2, usesThisThread: false });
  const file = join(alone.folder, "image.tar");
  makeArchive(file, {
    isCompressed: true,
    layers: [0, 1, 2, 3].map((at) => [
      { name: `app/${at}/.env`, data: `TOKEN=${makeToken(`16C7e42F292c6912E7710c838347A${at}`)}\n`, mode: "0644" },
      osRelease,
    ]),
  });
  const [one, other] = [await alone.scan(file), await threads.scan(file)];
  assert.ok(one.findings.length > 0);
  assert.deepEqual(other.findings, one.findings);
});

test("a layer that comes as a stream is read in a thread, and a stream that breaks says why", async (t) => {
  const pool = openLayerPool({ analysis: plainAnalysis, usesThisThread: false, lanes: 1 });
  t.after(() => pool.close());
  const layer = {
    index: 0,
    digest: "",
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    size: 0,
    diffId: "",
    createdBy: "",
  };
  const bytes = tar([osRelease, apkDatabase(["musl", "1.2.4-r2"])]);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 700) }, (_, at) =>
    bytes.subarray(at * 700, (at + 1) * 700),
  );
  const read = await pool.readLayer(
    layer,
    async () => ({ kind: "stream", stream: Readable.from(pieces) }),
    defaultImageLimits,
  );
  assert.deepEqual(read.results.map(({ cataloger }) => cataloger).sort(), ["apk", "os-release"]);
  async function* broken() {
    yield bytes.subarray(0, 512);
    throw new PlimsollError("LIMIT_EXCEEDED", "the registry stopped", { hint: "" });
  }
  const breaking = pool.readLayer(
    layer,
    async () => ({ kind: "stream", stream: Readable.from(broken()) }),
    defaultImageLimits,
  );
  await assert.rejects(breaking, /the registry stopped/);
  const after = await pool.readLayer(
    layer,
    async () => ({ kind: "stream", stream: Readable.from(pieces) }),
    defaultImageLimits,
  );
  assert.equal(after.results.length, 2, "the thread goes on");
});

test("a rule file with a mistake is told by code, from a thread too", async (t) => {
  for (const usesThisThread of [true, false]) {
    const room = makeRoom(t, { usesThisThread, analysis: { ruleFiles: ["/nowhere/own.secrets.yaml"] } });
    const file = join(room.folder, "image.tar");
    makeArchive(file, { layers: [[osRelease]] });
    await assert.rejects(room.scan(file), (thrown) => thrown instanceof PlimsollError);
  }
});

/** A token that nobody has, with the checksum that its issuer would have written: CRC-32 of the random part, in base 62. */
function makeToken(random: string): string {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let checksum = "";
  for (let rest = crc32(random); checksum.length < 6; rest = Math.floor(rest / 62))
    checksum = digits[rest % 62] + checksum;
  return `ghp_${random}${checksum}`;
}
