// Mistakes in policy files: each is named with file and line, and nothing is loaded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { readRules } from "../../src/policy/read-rules.ts";
import { load, own, schema, shipped } from "./support.ts";

function mistakesOf(text: string): readonly string[] {
  return readRules([own(text)], schema).mistakes.map(({ line, message }) => `${line}: ${message}`);
}

const said = '@reason("r")\n@remedy("r")\n';

const cases: readonly (readonly [string, string, RegExp])[] = [
  ["a semicolon that is missing", '@id("a")\npermit(principal, action, resource)', /^2: .*/],
  ["a word that is no policy", '@id("a")\npermit(principal, action, resource);\n\nallow;', /^4: /],
  ["a policy without a name", "\npermit(principal, action, resource);", /^2: a policy without a name/],
  ["a name with a space", '@id("a b")\npermit(principal, action, resource);', /^1: @id\("a b"\), expected lower-case/],
  [
    "a name that is there twice",
    '@id("a")\npermit(principal, action, resource);\n@id("a")\npermit(principal, action, resource);',
    /^3: own\/a is already at own.cedar:1/,
  ],
  [
    "a forbid without a reason",
    '@id("a")\n@remedy("r")\nforbid(principal, action, resource);',
    /^1: a forbid without @reason/,
  ],
  [
    "a forbid without a remedy",
    '@id("a")\n@reason("r")\nforbid(principal, action, resource);',
    /^1: a forbid without @remedy/,
  ],
  [
    "an annotation with a slip of the pen",
    '@id("a")\n@remdy("r")\npermit(principal, action, resource);',
    /^1: the annotation @remdy is not known/,
  ],
  [
    "an action that does not exist",
    '@id("a")\npermit(principal, action == Action::"contaner.create", resource);',
    /^\d: .*contaner\.create/,
  ],
  [
    "a fact that does not exist",
    `@id("a")\n${said}forbid(principal, action == Action::"container.create", resource)\nwhen { context.privilegd };`,
    /^5: .*privilegd/,
  ],
  [
    "a fact of another action",
    `@id("a")\n${said}forbid(principal, action == Action::"image.pull", resource)\nwhen { context.privileged };`,
    /^5: .*privileged/,
  ],
  [
    "a fact compared with another type",
    `@id("a")\n${said}forbid(principal, action == Action::"container.create", resource)\nwhen { context.privileged == "yes" };`,
    /^5: /,
  ],
  ["an entity type that does not exist", '@id("a")\npermit(principal in Role::"x", action, resource);', /^2: .*Role/],
  [
    "a grant that does not exist",
    '@id("a")\npermit(principal, action == Action::"grant", resource == Grant::"container.privilege");',
    /^1: there is no grant called "container.privilege"/,
  ],
  [
    "a grant asked for that does not exist",
    `@id("a")\n${said}forbid(principal, action == Action::"container.create", resource)\nunless { principal.grants.contains("root") };`,
    /^1: there is no grant called "root"/,
  ],
  [
    "a remedy that names no grant",
    '@id("a")\n@reason("r")\n@remedy("ask for the grant container.root")\nforbid(principal, action, resource);',
    /^1: @remedy speaks of the grant container.root/,
  ],
  [
    "a permit that looks like a grant",
    '@id("a")\npermit(principal, action == Action::"grant", resource);',
    /^1: this permit grants nothing/,
  ],
  [
    "a grant in a list of actions",
    '@id("a")\npermit(principal, action in [Action::"grant", Action::"view"], resource);',
    /^1: this permit grants nothing/,
  ],
  ["a template", '@id("a")\npermit(principal == ?principal, action, resource);', /^\d: /],
  ["a string that never ends", '@id("a)\npermit(principal, action, resource);', /^1: /],
];

for (const [what, text, expected] of cases) {
  test(`${what} is told with its line`, () => {
    assert.match(mistakesOf(text)[0] ?? "no mistake was found", expected);
  });
}

test("the error names file, line and how many more mistakes there are", () => {
  const text = '\n@id("a")\nforbid(principal, action, resource);';
  assert.throws(
    () => load(shipped("baseline"), own(text)),
    (thrown) =>
      thrown instanceof PlimsollError &&
      /^own\.cedar:2: a forbid without @reason.* \(and 1 more\)$/.test(thrown.message),
  );
});

test("comments, strings with semicolons and odd line ends do not move the lines", () => {
  const text = `// a; comment; with; semicolons\r\n@id("a")\r\n@reason("one; \\"two\\" // three")\r\n@remedy("ü;ß")\r\nforbid(principal, action, resource)\r\nwhen { context.nosuch };`;
  assert.match(mistakesOf(text)[0] ?? "", /^6: /);
});

test("a mistake after letters of several bytes is told with its line", () => {
  const text = `@id("a")\n@reason("äöü € 😀")\n@remedy("r")\nforbid(principal, action, resource)\nwhen { foo. };`;
  assert.match(mistakesOf(text)[0] ?? "", /^5: /);
});

test("a file that is too large is not parsed", () => {
  assert.match(mistakesOf(" ".repeat(1024 * 1024 + 1))[0] ?? "", /^1: more than 1048576 bytes/);
});

test("a permit that can never apply is a warning, a forbid like that is an error", () => {
  const never = 'action == Action::"container.create", resource is Image);';
  const texts = [`@id("a")\npermit(principal, ${never}`, `@id("a")\n${said}forbid(principal, ${never}`];
  const severities = texts.map((text) => readRules([own(text)], schema).mistakes.map(({ severity }) => severity));
  assert.deepEqual(severities, [
    ["warning", "warning"],
    ["error", "error"],
  ]);
});
