import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerfileReferences } from "../../../src/gate/uploads/dockerfile-references.ts";

const read = (lines: readonly string[], given: Readonly<Record<string, string | null>> = {}) =>
  dockerfileReferences(Buffer.from(lines.join("\n")), given);

test("images of FROM, COPY --from, RUN --mount and ONBUILD are found, stages are not images", () => {
  const found = read([
    "# syntax=docker/dockerfile:1",
    "FROM golang:1 AS Build",
    "from scratch",
    "FROM --platform=linux/amd64 debian:12",
    "COPY --from=build /a /b",
    "COPY --chown=0 --from=0 /a /b",
    "COPY --from=tenb:1 /is /x",
    "RUN --mount=type=bind,from=other:2,target=/x true",
    "ONBUILD COPY --from=hidden:3 /x /y",
  ]);
  assert.deepEqual(found, {
    bases: ["debian:12", "golang:1"],
    images: ["debian:12", "docker/dockerfile:1", "golang:1", "hidden:3", "other:2", "tenb:1"],
    remotes: [],
    unresolved: [],
    runFlags: ["--mount=type=bind,from=other:2,target=/x"],
  });
});

test("an ARG before FROM is filled in, by its default or by the caller's value", () => {
  const lines = ["ARG BASE=debian", 'ARG TAG="12"', "FROM @{BASE}:@TAG", "FROM @{NONE:-alpine}:3"].map((line) =>
    line.replaceAll("@", "$"),
  );
  assert.deepEqual(
    [read(lines).images, read(lines, { BASE: "tenb", OTHER: "x" }).images],
    [
      ["alpine:3", "debian:12"],
      ["alpine:3", "tenb:12"],
    ],
  );
});

test("what cannot be told is unresolved, never overlooked", () => {
  const found = read([
    "FROM $UNSET",
    "FROM te'nb':1",
    "FROM te\\nb",
    "ARG LATE=tenb",
    "COPY --from=$LATE /a /b",
    "FROM",
  ]);
  assert.deepEqual([found.images, found.unresolved.length], [[], 5]);
});

test("an image hides neither behind a continuation, a comment, an escape directive nor a heredoc", () => {
  const hiding: readonly (readonly string[])[] = [
    ["FROM \\", "", "# comment", "  tenb:1"],
    ["FROM a", "RUN echo \\\\", "FROM tenb:1"],
    ["FROM a", "RUN echo \\", "  # no comment", "FROM tenb:1"],
    ["# escape=`", "FROM a", "RUN echo \\", "FROM tenb:1"],
    ["# other=x", "# escape=`", "FROM a", "RUN dir c:\\", "FROM `", "tenb:1"],
    ["FROM a", "RUN <<EOF", "FROM tenb:1", "EOF"],
    ["\ufeffFROM tenb:1"],
    ["FROM a\r", "FROM tenb:1\r"],
    ["FROM a", "COPY --link --from=tenb:1 / /"],
    ["fRoM\ttenb:1"],
    ["FROM a AS tenb:1", "COPY --from=tenb:1 / /"],
  ];
  assert.deepEqual(
    hiding.filter((lines) => !read(lines).images.includes("tenb:1")),
    [],
  );
});

test("a URL that ADD would fetch is found, whatever it hides behind", () => {
  const url = "http://127.0.0.1/x";
  const hiding = [
    `ADD ${url} /x`,
    `add --chown=1 ${url} a /x`,
    `ADD ["a", "${url}", "/x"]`,
    `ADD ["ht\\u0074p://127.0.0.1/x", "/x"]`,
    `ADD h\\ttp://127.0.0.1/x /x`,
    `ADD ht"tp"://127.0.0.1/x /x`,
    `ADD HTTPS://127.0.0.1/x /x`,
    "ADD $WHERE /x",
    "ADD a@{MORE}.tar /x".replace("@", "$"),
    `ONBUILD ADD ${url} /x`,
    `ADD a \\\n ${url} /x`,
  ];
  const missed = hiding.filter((line) => read(["FROM a", line]).remotes.length === 0);
  const plain = ["ADD a.tar /x", "ADD a b $HOME/", `COPY ${url} /x`, "ADD . .", 'ADD ["a", "$HOME/"]'];
  const wronged = plain.filter((line) => read(["FROM a", line]).remotes.length > 0);
  assert.deepEqual({ missed, wronged }, { missed: [], wronged: [] });
});

// Each of these makes the classic builder of Docker 20.10 take from evil:1.
const hiding: readonly (readonly [what: string, dockerfile: string])[] = [
  ["an escape in a flag", "FROM good\nCOPY --fr\\om=evil:1 /x /y\n"],
  ["quotes in a flag", 'FROM good\nCOPY --"from"=evil:1 /x /y\n'],
  ["a quoted flag before it", "FROM good\nCOPY --chown='0 0' --from=evil:1 /x /y\n"],
  ["half a letter that counts as a space", "FROM good\nCOPY --chown=0\u00e0--from=evil:1 /x /y\n"],
  ["a space that only Go knows, before the instruction", "FROM good\n\u0085FROM evil:1\n"],
  ["that space behind an escape, which is then no continuation", "FROM good\nRUN x \\\u0085\nFROM evil:1\n"],
  ["a space that only JavaScript knows, after a continuation", "FROM good\nRUN true \\\n\ufeff\nFROM evil:1\n"],
  [
    "a stage that is none, on a line that is empty to Go",
    "FROM good\nRUN x \\\n\u0085\nFROM good AS evil:1\nCOPY --from=evil:1 /x /y\n",
  ],
];

for (const [what, dockerfile] of hiding) {
  test(`an image does not hide behind ${what}`, () => {
    const { images, unresolved } = dockerfileReferences(Buffer.from(dockerfile));
    assert.ok(images.includes("evil:1") || unresolved.length > 0, images.join());
  });
}

test("an image does not hide in what the builders read in another way than they are told", () => {
  const hiding: readonly (readonly [readonly string[], Readonly<Record<string, string | null>>?])[] = [
    [['FROM --platform="linux/amd64@{a:+ good }" tenb:1']],
    [["FROM --platform=linux/amd64@{a:+\\ good} tenb:1"]],
    [["ARG img=good", 'ARG img=te"nb:1"', "FROM $img"]],
    [["ARG img=good", 'ARG "img"=tenb:1', "FROM $img"]],
    [["ARG img=good", "ARG i\\mg=tenb:1", "FROM $img"]],
    [["ARG img=good", "ARG -- img=tenb:1", "FROM $img"]],
    [["ARG img=tenb:1", 'ARG other="x img=good y"', "FROM $img"]],
    [["ARG img=good", "ARG other=x\u0085img=tenb:1", "FROM $img"]],
    [["ARG img=tenb:1", "ARG other=x\ufeffimg=good", "FROM $img"]],
    [["ARG 1x=good", "FROM $1xtenb:1"]],
    [["ARG x=good", "FROM ten$xéb:1"]],
    [["ARG x=good", "ARG x", "FROM tenb$x:1"]],
    [["ARG x=good", "FROM tenb$x:1"], { x: null }],
    [["ARG x='$y'", "FROM tenb$x:1"], { y: "good" }],
    [["ONBU\u0130LD COPY --from=tenb:1 /is /x"]],
  ];
  const overlooked = hiding.filter(([lines, given]) => {
    const { images, unresolved } = read(
      lines.map((line) => line.replace("@{", "${")),
      given,
    );
    return unresolved.length === 0 && !images.includes("tenb:1");
  });
  assert.deepEqual(overlooked, []);
});
