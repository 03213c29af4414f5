import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { PlimsollError } from "../../../src/base/errors.ts";
import { type InspectTarOptions, inspectTar } from "../../../src/gate/uploads/inspect-tar.ts";
import type { TarSummary } from "../../../src/gate/uploads/inspected-tar.ts";
import { type TarFile, tar } from "../../support/tar.ts";

const strict: InspectTarOptions = { documents: ["Dockerfile", "sub/Dockerfile"], isStrict: true };

/** What the engine would have got before the verdict, and the summary or the code of the refusal. */
async function inspect(bytes: Uint8Array, options: InspectTarOptions = strict, pieceBytes = 700) {
  const tar = inspectTar(options);
  let passed = 0;
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes);
      await tar.observe(piece);
      if (!tar.holdsBack) passed += piece.length;
    }
    return { passed, summary: await tar.finish() };
  } catch (error) {
    return { passed, refused: error instanceof PlimsollError ? `${error.code}: ${error.message}` : String(error) };
  }
}

function texts(summary: TarSummary | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...(summary?.documents ?? [])].map(([path, body]) => [path, Buffer.from(body).toString()]),
  );
}

const context: readonly TarFile[] = [
  { name: "src/", type: "5" },
  { name: "src/a.txt", data: "a".repeat(5000) },
  { name: "./Dockerfile", data: "FROM a\n" },
  { name: "/sub//Dockerfile", data: "FROM b\n" },
  { name: "link", type: "2", link: "src" },
];

test("the documents of an archive are read, whatever it is compressed with and however it is cut", async () => {
  const plain = tar(context);
  const found = [];
  for (const bytes of [plain, gzipSync(plain), zstdCompressSync(plain)]) {
    for (const pieceBytes of [1, 7, 512, 100_000]) found.push((await inspect(bytes, strict, pieceBytes)).summary);
  }
  assert.deepEqual(
    found.map((summary) => [summary?.compression, summary?.entries, texts(summary), summary?.ambiguities]),
    ["none", "gzip", "zstd"].flatMap((kind) =>
      Array.from({ length: 4 }, () => [kind, 5, { Dockerfile: "FROM a\n", "sub/Dockerfile": "FROM b\n" }, []]),
    ),
  );
});

test("the end of an archive is held back until its verdict", async () => {
  const plain = tar(context);
  const end = plain.length - 1024;
  const { passed } = await inspect(plain, strict, 512);
  assert.equal(passed, end);
  const zipped = gzipSync(Buffer.concat([plain, Buffer.alloc(500_000)]));
  assert.equal((await inspect(zipped, strict, zipped.length)).passed, 0);
});

test("a verdict on the whole upload refuses it", async () => {
  const onSummary = async (summary: TarSummary): Promise<void> => {
    if (texts(summary)["Dockerfile"] === "FROM a\n") throw new Error("no a");
  };
  assert.deepEqual((await inspect(tar(context), { ...strict, onSummary })).refused, "Error: no a");
});

test("archives that readers could understand differently are refused, and the engine does not get their end", async () => {
  const file = (name: string, data = "FROM x\n"): TarFile => ({ name, data });
  const wrongSum = tar([file("Dockerfile")]);
  wrongSum.write("9", 0);
  const cases: Readonly<Record<string, Uint8Array>> = {
    "Dockerfile more than once": tar([file("Dockerfile"), file("./Dockerfile", "FROM y\n")]),
    "Dockerfile as a link or folder": tar([file("real"), { name: "Dockerfile", type: "2", link: "real" }]),
    "an entry below a link": tar([{ name: "d", type: "2", link: "." }, file("d/Dockerfile")]),
    "a path that leaves its folder": tar([file("a/../Dockerfile")]),
    "something else in the place of a folder": tar([file("sub/Dockerfile"), { name: "sub", type: "2", link: "x" }]),
    "tar: a header with a wrong checksum or number, before byte 512": wrongSum,
    "bytes behind the end mark": Buffer.concat([tar([file("a")]), tar([file("Dockerfile")])]),
    "tar: an empty block between entries, before byte 1212": Buffer.concat([
      Buffer.alloc(512),
      tar([file("Dockerfile")]),
    ]),
    "tar: it ends in the middle of an entry, before byte 1312": tar([file("Dockerfile", "x".repeat(600))]).subarray(
      0,
      800,
    ),
    'an entry of the unknown type "V"': tar([{ name: "v", type: "V" }]),
    '"d": type 5 says 1 bytes, where engines read none': tar([{ name: "d", type: "5", data: "x" }]),
    '"Dockerfile": the header says 7 bytes, its extended header 1': tar([
      { name: "p", type: "x", data: "9 size=1\n" },
      file("Dockerfile"),
    ]),
    "engines fill its holes, other readers do not": tar([
      { name: "p", type: "x", data: "22 GNU.sparse.major=1\n" },
      file("Dockerfile"),
    ]),
    "a global header sets path": tar([{ name: "g", type: "g", data: "10 path=a\n" }, file("b")]),
    "tar: an extended header that cannot be read, before byte 1024": tar([
      { name: "p", type: "x", data: "99 path=a\n" },
      file("b"),
    ]),
  };
  const refused = await Promise.all(Object.values(cases).map((bytes) => inspect(bytes)));
  assert.deepEqual(
    refused.map((outcome) => outcome.refused?.replace(/^(?:AMBIGUOUS_INPUT: tar upload|MALFORMED_INPUT): /, "")),
    Object.keys(cases),
  );
});

test("long names of both kinds are taken for what they say", async () => {
  const renamed = tar([
    { name: "p", type: "x", data: "19 path=Dockerfile\n" },
    { name: "innocent", data: "FROM x\n" },
    { name: "././@LongLink", type: "L", data: "sub/Dockerfile\0" },
    { name: "innocent", data: "FROM y\n" },
  ]);
  assert.deepEqual(texts((await inspect(renamed)).summary), { Dockerfile: "FROM x\n", "sub/Dockerfile": "FROM y\n" });
});

test("a prefix that all readers see alike is a part of the name, any other is refused", async () => {
  const file = { name: "Dockerfile", prefix: "sub", data: "FROM x\n" };
  const posix = await inspect(tar([file]));
  const others = ["ustar\0  ", "ustar  \0"].map((magic) => inspect(tar([{ ...file, magic }])));
  assert.deepEqual(
    [texts(posix.summary), ...(await Promise.all(others)).map(({ refused }) => refused)],
    [
      { "sub/Dockerfile": "FROM x\n" },
      ...Array(2).fill(
        'AMBIGUOUS_INPUT: tar upload: "sub/Dockerfile": bytes in the prefix field of a format without one',
      ),
    ],
  );
});

test("git archive's comment header, trailing zeros and an empty upload are ordinary", async () => {
  const git = tar([
    { name: "pax_global_header", type: "g", data: "16 comment=abcd\n" },
    { name: "Dockerfile", data: "F" },
  ]);
  const outcomes = [
    await inspect(git),
    await inspect(Buffer.concat([git, Buffer.alloc(9216)])),
    await inspect(new Uint8Array()),
  ];
  assert.deepEqual(
    outcomes.map(({ summary }) => [summary?.entries, summary?.ambiguities]),
    [
      [2, []],
      [2, []],
      [0, []],
    ],
  );
});

test("limits hold: entries, documents, inflated bytes, what follows the end", async () => {
  const many = tar(Array.from({ length: 11 }, (_, index) => ({ name: `f${index}` })));
  const bomb = gzipSync(tar([{ name: "zeros", data: new Uint8Array(3_000_000) }]));
  const outcomes = [
    await inspect(many, { ...strict, maxEntries: 10 }),
    await inspect(tar([{ name: "Dockerfile", data: "x".repeat(101) }]), { ...strict, maxDocumentBytes: 100 }),
    await inspect(bomb, { ...strict, maxInflatedBytes: 1_000_000 }),
    await inspect(Buffer.concat([tar([]), Buffer.alloc(2_000_000)]), strict, 100_000),
    await inspect(Buffer.from("BZh91AY&SY0000000000")),
    await inspect(Buffer.concat([gzipSync(tar([])), Buffer.from("garbage behind")]), strict, 10_000),
    await inspect(Buffer.concat([gzipSync(tar([])).subarray(0, 20)])),
  ];
  assert.deepEqual(
    outcomes.map(({ refused }) => refused?.split(":")[0]),
    [
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
      "LIMIT_EXCEEDED",
      "ACCESS_DENIED",
      "MALFORMED_INPUT",
      "MALFORMED_INPUT",
    ],
  );
});

test("a gzip archive in several members is read to its end, wherever the pieces are cut", async () => {
  const plain = tar(context);
  const first = gzipSync(plain.subarray(0, 1000));
  const members = Buffer.concat([first, gzipSync(plain.subarray(1000))]);
  for (const pieceBytes of [1, first.length, first.length + 1, members.length]) {
    assert.equal((await inspect(members, strict, pieceBytes)).summary?.entries, 5, `cut every ${pieceBytes} bytes`);
  }
});

test("observing refuses nothing and tells what is odd", async () => {
  const odd = tar([
    { name: "Dockerfile", data: "FROM a" },
    { name: "Dockerfile", data: "FROM b" },
  ]);
  const outcome = await inspect(odd, { ...strict, isStrict: false }, 512);
  const broken = await inspect(Buffer.from("no tar at all".repeat(100)), { ...strict, isStrict: false });
  assert.deepEqual(
    [outcome.passed, outcome.summary?.ambiguities, texts(outcome.summary), broken.passed, broken.summary?.ambiguities],
    [
      odd.length,
      ["Dockerfile more than once"],
      { Dockerfile: "FROM b" },
      1300,
      ["tar: a header with a wrong checksum or number, before byte 512"],
    ],
  );
});

test("no bytes make the inspector fail in another way than by a refusal", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 0, max: 2500 }), async (noise, at) => {
      const bytes = tar(context);
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      for (const hostile of [bytes, gzipSync(bytes), noise]) {
        const { refused } = await inspect(hostile, strict, 333);
        assert.match(refused ?? "MALFORMED_INPUT", /^(?:AMBIGUOUS_INPUT|MALFORMED_INPUT|LIMIT_EXCEEDED|ACCESS_DENIED)/);
      }
    }),
    { numRuns: 100 },
  );
});

test("an archive of millions of oddities does not fill the memory that tells them", async () => {
  // Folders that say they have content, without it: engines read none.
  const folders = Array.from({ length: 300 }, (_, index) => tar([{ name: `d${index}/`, type: "5", data: "x" }]));
  const odd = Buffer.concat([...folders.map((one) => one.subarray(0, 512)), Buffer.alloc(1024)]);
  const { summary } = await inspect(odd, { ...strict, isStrict: false }, 100_000);
  assert.deepEqual([summary?.entries, summary?.ambiguities.length], [300, 100]);
});
