// Test files of policies: a slip of the pen never makes a test pass.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readPolicyTests } from "../../src/policy/testing/read-policy-tests.ts";
import { runPolicyTests } from "../../src/policy/testing/run-policy-tests.ts";
import { load, own, schema, shipped } from "./support.ts";

const create = "  - name: t\n    action: container.create\n";

const mistakes: readonly (readonly [string, string, RegExp])[] = [
  ["a key that is not known", `tests:\n${create}    expects: deny\n    rules: []\n`, /:2: expects is not known/],
  [
    "an action that does not exist",
    "tests:\n  - name: t\n    action: container.made\n    expect: deny\n    rules: []\n",
    /:2: there is no action/,
  ],
  [
    "a fact that the action does not have",
    `tests:\n${create}    facts: { privilegd: true }\n    expect: deny\n    rules: []\n`,
    /:2: container.create has no fact called privilegd/,
  ],
  ["a verdict that is none", `tests:\n${create}    expect: denied\n    rules: []\n`, /:2: expect: denied/],
  ["a test without rules", `tests:\n${create}    expect: deny\n`, /:2: rules: expected a list/],
  [
    "a caller that is none",
    `tests:\n${create}    principal: bob\n    expect: deny\n    rules: []\n`,
    /:2: principal bob/,
  ],
  [
    "a second test with a mistake",
    `tests:\n${create}    expect: allow\n    rules: []\n\n  - nome: t\n`,
    /:7: nome is not known/,
  ],
  ["text that is no YAML", "tests: [", /:\d: /],
  ["an alias", "tests: [&a {name: t, grants: []}, *a]", /:1: /],
  ["no tests at all", "facts: {}", /:1: tests: expected a list/],
  [
    "a fraction",
    `tests:\n${create}    facts: { memory: 0.5 }\n    expect: deny\n    rules: []\n`,
    /:2: memory: expected/,
  ],
];

for (const [what, text, expected] of mistakes) {
  test(`${what} is told with its line`, () => {
    assert.throws(() => readPolicyTests("x.test.yaml", text, schema), { code: "POLICY_INVALID", message: expected });
  });
}

test("a test fails when the verdict, a rule, or one rule more is different", () => {
  const engine = load(shipped("baseline"));
  const expectations = [
    "expect: allow\n    rules: [baseline/no-privileged]",
    "expect: deny\n    rules: [baseline/no-host-pid]",
    "expect: deny\n    rules: [baseline/no-privileged, baseline/no-host-pid]",
    "expect: deny\n    rules: []",
    "expect: deny\n    rules: [baseline/no-privileged]",
  ];
  const text = `tests:\n${expectations.map((lines) => `${create}    facts: { privileged: true }\n    ${lines}\n`).join("")}`;
  const { passed, failures } = runPolicyTests(readPolicyTests("x.test.yaml", text, schema).tests, engine);
  assert.deepEqual(
    [passed, failures.map(({ test, found }) => [test.line, found])],
    [1, [2, 7, 12, 17].map((line) => [line, "deny baseline/no-privileged"])],
  );
});

test("a rule that no passing test decides is told", () => {
  const engine = load(
    own(
      '@id("one") permit(principal, action == Action::"system.ping", resource);\n@id("two") permit(principal, action == Action::"system.info", resource);',
    ),
  );
  const text =
    "tests:\n  - name: t\n    action: system.ping\n    expect: allow\n    rules: [own/one]\n  - name: u\n    action: system.info\n    expect: deny\n    rules: [own/two]\n";
  const { untested } = runPolicyTests(readPolicyTests("x.test.yaml", text, schema).tests, engine);
  assert.deepEqual(
    untested.map((rule) => rule.id),
    ["own/two"],
  );
});
