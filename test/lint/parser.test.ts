// How a Dockerfile is read: directives, escapes, continued lines, comments, heredocs, flags, forms, variables, stages, and places.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expandVariables, variablesIn } from "../../src/base/dockerfile/expand-variables.ts";
import { parseDockerfile } from "../../src/base/dockerfile/parse-dockerfile.ts";
import { assignments, planBuild } from "../../src/base/dockerfile/stages.ts";

const parse = (text: string, hasHeredocs = true) => parseDockerfile(text, { where: "Dockerfile", hasHeredocs });
const joined = (text: string): readonly string[] => parse(text).instructions.map((instruction) => instruction.joined);

test("continued lines are joined, comments and empty lines between them left out", () => {
  assert.deepEqual(
    [
      joined("FROM a\nRUN b \\\n  c \\\n# comment\n  # indented\n\n  d\nRUN e"),
      joined("# escape=`\nFROM a\nRUN b `\n c \\\nRUN d"),
      joined("FROM a\nRUN b \\\\\nRUN c"),
      joined("FROM a\nRUN b \\  \n c"),
      joined("FROM a\r\nRUN b \\\r\n c\r\n"),
      joined("\ufeffFROM a\n\n   # x\n   RUN b"),
      joined("FROM a\nRUN b \\"),
    ],
    [
      ["FROM a", "RUN b   c   d", "RUN e"],
      ["FROM a", "RUN b  c \\", "RUN d"],
      ["FROM a", "RUN b \\\\", "RUN c"],
      ["FROM a", "RUN b  c"],
      ["FROM a", "RUN b  c"],
      ["FROM a", "RUN b"],
      ["FROM a", "RUN b"],
    ],
  );
});

test("directives count only before anything else, and only known ones", () => {
  const of = (text: string) => {
    const { directives, escapeCharacter, problems } = parse(text);
    return [directives.map(({ name, value }) => `${name}=${value}`), escapeCharacter, problems.map(({ kind }) => kind)];
  };
  assert.deepEqual(
    [
      of("# syntax = a/b:1 \n#Escape=`\nFROM a"),
      of("# other=1\n# escape=`\nFROM a"),
      of("\n# escape=`\nFROM a"),
      of("# a comment\n# escape=`\nFROM a"),
      of("# escape=x\nFROM a"),
      of("# escape=`\n# escape=`\nFROM a"),
    ],
    [
      [["syntax=a/b:1", "escape=`"], "`", []],
      [["escape=`"], "`", []],
      [[], "\\", []],
      [[], "\\", []],
      [["escape=x"], "\\", ["invalid-directive"]],
      [["escape=`", "escape=`"], "`", ["invalid-directive"]],
    ],
  );
});

test("heredocs are read with their names, quotes, tabs and places, one after the other", () => {
  const text =
    'FROM a\nRUN <<-\'ONE\' cat > x && 3<<TWO\n\t# kept\n\tRUN no\n\tONE\n$two\nTWO\nCOPY <<"E" /x\nE\nRUN ["<<X"]\nENV A=<<Y\n';
  const { instructions, problems } = parse(text);
  assert.deepEqual(
    [instructions.map(({ keyword }) => keyword), instructions.flatMap(({ heredocs }) => heredocs), problems],
    [
      ["FROM", "RUN", "COPY", "RUN", "ENV"],
      [
        { name: "ONE", content: "\t# kept\n\tRUN no\n", isExpanded: false, isIndented: true, line: 3, column: 1 },
        { name: "TWO", content: "$two\n", isExpanded: true, isIndented: false, line: 6, column: 1 },
        { name: "E", content: "", isExpanded: false, isIndented: false, line: 9, column: 1 },
      ],
      [],
    ],
  );
  assert.deepEqual(
    parse("FROM a\nRUN <<E\nRUN x\nE", false).instructions.map((each) => each.joined),
    ["FROM a", "RUN <<E", "RUN x", "E"],
  );
});

test("blanks may stand before a heredoc's name, but not behind a dash", () => {
  const names = (line: string) =>
    parse(`FROM a\nRUN ${line}\nE\n-\n-E\n`).instructions.flatMap(({ heredocs }) => heredocs.map(({ name }) => name));
  assert.deepEqual(
    ["<< E", "3<<  'E' x", "<< -E", "<<- E", "<<", "<< ''", "<< <E", '"<< E"', "a<< E", "<< E <<E"].map(names),
    [["E"], ["E"], ["-E"], [], [], [], [], [], [], ["E", "E"]],
  );
});

test("flags, JSON forms and triggers are told apart from arguments", () => {
  const one = (line: string) => {
    const { flags, form, words, trigger } = parse(`FROM a\n${line}`).instructions[1] ?? assert.fail(line);
    return [flags.map(({ name, value }) => `${name}=${value}`), form, words.map(({ text }) => text), trigger?.keyword];
  };
  assert.deepEqual(
    [
      one('RUN --mount=type=cache,target=/a --network="none" -- --x y'),
      one('copy --link ["a b", "c\\"d"]'),
      one("CMD ['a']"),
      one("ONBUILD COPY --from=x a b"),
      one('HEALTHCHECK --retries=3 CMD ["a"]'),
      one('LABEL a="b c" d=e\\ f'),
      one("CMD [ -f x ]"),
    ],
    [
      [["mount=type=cache,target=/a", "network=none"], "shell", ["--x", "y"], undefined],
      [["link="], "json", ["a b", 'c"d'], undefined],
      [[], "shell", ["['a']"], undefined],
      [[], "shell", ["COPY", "--from=x", "a", "b"], "COPY"],
      [["retries=3"], "json", ["a"], undefined],
      [[], "shell", ['a="b c"', "d=e\\ f"], undefined],
      [[], "shell", ["[", "-f", "x", "]"], undefined],
    ],
  );
});

test("variables are replaced as builders do", () => {
  const values = new Map([
    ["a", "1"],
    ["empty", ""],
  ]);
  const expand = (text: string, escapeCharacter = "\\"): string =>
    expandVariables(text, (name) => values.get(name), escapeCharacter).text;
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ["$a", "1"],
    ["x${a}y", "x1y"],
    ["$b", ""],
    ["${b:-d}", "d"],
    ["${empty:-d}", "d"],
    ["${empty-d}", ""],
    ["${a:+d}", "d"],
    ["${b+d}", ""],
    ["${b:-${a}}", "1"],
    ["\\$a", "\\$a"],
    ["'$a'", "'$a'"],
    ['"$a"', '"1"'],
    ["${a", "${a"],
    ["$", "$"],
  ];
  assert.deepEqual(
    cases.map(([text]) => [text, expand(text)]),
    cases,
  );
  assert.deepEqual(
    [expandVariables("$b ${c:-x} $b", () => undefined, "\\").unknown, variablesIn("$b ${c:-$d}", "\\")],
    [["b"], ["b", "c", "d"]],
  );
});

test("stages know what they start from, and arguments their scope", () => {
  const { stages, globals } = planBuild(
    parse(
      "ARG V=12\nARG R\nFROM --platform=$BUILDPLATFORM debian:${V} AS Base\nARG V\nFROM base\nFROM ${R:-x}/y:$V-$NOPE as last\nRUN a",
    ),
  );
  assert.deepEqual(
    [
      [...globals],
      stages.map(({ name, base, parent, unknown, instructions }) => [name, base, parent, unknown, instructions.length]),
    ],
    [
      [
        ["V", "12"],
        ["R", undefined],
      ],
      [
        ["base", "debian:12", undefined, [], 1],
        ["", "base", 0, [], 0],
        ["last", "x/y:12-", undefined, ["NOPE"], 1],
      ],
    ],
  );
});

test("a default of ARG knows what was declared before it, and what the builder is told wins", () => {
  const bases = (text: string, given: Readonly<Record<string, string>> = {}) =>
    planBuild(parse(text), given).stages.map(({ base }) => base);
  const text = "ARG N=1\nARG V=img:$N\nARG N=2\nFROM $V\nFROM img:$N";
  assert.deepEqual(
    [bases(text), bases(text, { N: "3" }), bases(text, { V: "x" })],
    [
      ["img:1", "img:2"],
      ["img:3", "img:3"],
      ["x", "img:2"],
    ],
  );
});

test("ENV, ARG and LABEL are read in both forms", () => {
  const of = (line: string) =>
    assignments(parse(`FROM a\n${line}`).instructions[1] ?? assert.fail(line), "\\").map(
      ({ name, value, isOldForm }) => [name, value, isOldForm],
    );
  assert.deepEqual(
    [of('ENV a="b c" d=e\\ f'), of("ENV a b  c"), of("ARG x"), of("LABEL 'k 1'=v")],
    [
      [
        ["a", "b c", false],
        ["d", "e f", false],
      ],
      [["a", "b  c", true]],
      [["x", undefined, false]],
      [["k 1", "v", false]],
    ],
  );
});

test("every word's place is where its first character stands, whatever the file", () => {
  const piece = fc.constantFrom(
    "FROM",
    "RUN",
    "COPY",
    "ENV",
    "a",
    "b=c",
    '"d e"',
    "'f'",
    "\\\n",
    "\\\n# c\n",
    "\n",
    " ",
    "\t",
    "  ",
    "--x=y",
    "#",
    "<<E",
    "E\n",
    "$v",
    "é",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const lines = text.split("\n");
      for (const { words, flags, form } of parse(text).instructions) {
        if (form === "json") continue;
        for (const { text: word, line, column } of words)
          assert.equal((lines[line - 1] ?? "").charAt(column - 1), word.charAt(0));
        for (const { line, column } of flags) assert.ok((lines[line - 1] ?? "").startsWith("--", column - 1));
      }
    }),
    { numRuns: 3000 },
  );
});
