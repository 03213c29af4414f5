import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { KernelEvent } from "../../src/model/watch.ts";
import { fields } from "../../src/watch/rules/fields.ts";
import { compileGlob, matchesGlob } from "../../src/watch/rules/glob.ts";
import { loadRuleFiles, loadRuleTests, shippedRules } from "../../src/watch/rules/load-rules.ts";
import { readRuleFile } from "../../src/watch/rules/rule-file.ts";
import { buildRuleSet, type RuleSet } from "../../src/watch/rules/rule-set.ts";
import { runRuleTests } from "../../src/watch/rules/testing/run-rule-tests.ts";
import { anEvent, aSubject } from "../support/watch.ts";

const responses = ["alert", "kill"];

function build(...texts: readonly string[]): RuleSet {
  return buildRuleSet({ files: texts.map((text, index) => readRuleFile(`${index + 1}.yaml`, text)), responses });
}

function rule(when: string, more = ""): string {
  return `rules:
  - { name: it, summary: s, protection: drift, severity: notice, on: [exec], message: "m", when: ${JSON.stringify(when)}${more} }`;
}

function mistakeIn(...texts: readonly string[]): string {
  try {
    build(...texts);
  } catch (thrown) {
    assert.ok(thrown instanceof PlimsollError && thrown.code === "RULES_INVALID");
    return thrown.message;
  }
  return "";
}

function holds(when: string, event: Partial<KernelEvent> = {}): boolean {
  return (
    build(rule(when))
      .of("exec")[0]
      ?.judge(aSubject(anEvent(event))) ?? false
  );
}

test("every shipped rule passes its tests, and each has one", () => {
  const rules = buildRuleSet({ files: loadRuleFiles([shippedRules]), responses, withDisabled: true });
  const report = runRuleTests(loadRuleTests([shippedRules]), rules);
  assert.deepEqual(
    {
      failures: report.failures.map(({ test: each, expected, found }) => ({ name: each.name, expected, found })),
      untested: report.untested.map(({ name }) => name),
    },
    { failures: [], untested: [] },
  );
  assert.ok(report.passed >= 130);
});

test("conditions say what CEL says", () => {
  const event = { path: "/usr/bin/x", argv: ["x", "-e", "Ä"], port: 80, address: "10.1.2.3" };
  const conditions: Readonly<Record<string, boolean>> = {
    "true && !false": true,
    "file.path == '/usr/bin/x' && file.name != 'y'": true,
    "file.path.startsWith('/usr/') && file.path.endsWith('/x') && file.path.contains('bin')": true,
    "file.path.glob('/usr/*/x') && file.path.within('/usr') && !file.path.within('/us')": true,
    "file.path.glob(['/nothing', '*/x'])": true,
    "process.argv.exists(a, a == '-e') && !process.argv.all(a, a == '-e')": true,
    "process.argv.size() == 3 && size(file.path) > 3 && network.port in [79, 80]": true,
    "process.argv[0] == 'x' && process.argv[9] == ''": true,
    "network.address.inNetwork(['10.0.0.0/8', 'fd00::/8']) && !network.address.inNetwork('192.168.0.0/16')": true,
    "network.port >= 80 && network.port < 81 && network.port != -1": true,
    "process.command.lower() == 'x -e ä'": true,
    "file.isNew == false && (file.isNew ? true : true)": true,
    "'a' in container.labels && container.labels['a'] == '1' && container.labels['b'] == ''": true,
    "'x' in process.argv": true,
  };
  const found = Object.keys(conditions).map((when) => {
    try {
      return [when, holds(when, event)];
    } catch {
      return [when, false];
    }
  });
  assert.deepEqual(Object.fromEntries(found), conditions);
});

test("whatever a condition may not say is refused with file, line and reason", () => {
  const wrong: Readonly<Record<string, RegExp>> = {
    "process.nope == 'a'": /1\.yaml:2: it: when: No such key: nope/,
    "process.name": /the condition is a string, expected true or false/,
    "process.pid == 'a'": /no such overload/i,
    "process.name.matches('(a+)+$')": /is not supported here/,
    "process.constructor == 'a'": /No such key/,
    "container.labels.exists(a, a == 'b')": /is not supported here/,
    "process.name == 'a' &&": /Unexpected token/,
    unknown: /Unknown variable: unknown/,
    "process.argv.exists(a, process.argv.exists(b, a == b))": /within another/,
    "process.name + 'a' == 'ba'": /is not supported here/,
    "network.address.inNetwork('10.0.0.0/33')": /is no network/,
    "network.address.inNetwork(process.name)": /expected networks as they are written/,
  };
  for (const [when, expected] of Object.entries(wrong)) assert.match(mistakeIn(rule(when)), expected, when);
  assert.match(mistakeIn(rule("true", ", respond: [kil]")), /no response "kil", perhaps kill/);
  assert.match(mistakeIn(rule("true", ", severty: notice")), /rules\[0\]\.severty: no such key/);
  assert.match(mistakeIn(rule("true"), rule("true")), /2\.yaml:2: it is already at 1\.yaml:2/);
  assert.match(mistakeIn("macros: { a: b, b: a }", rule("a")), /the macro a stands within itself/);
  assert.match(mistakeIn("lists: { process: [a] }"), /a name of events already/);
  assert.match(mistakeIn("a: &a [1]\nb: *a"), /alias|no such key/i);
  assert.match(mistakeIn(rule("true").replace('"m"', '"{process.nope}"')), /there is no field "process.nope"/);
  assert.match(mistakeIn(rule(`'${"a".repeat(20_000)}' == process.name`)), /more than 16384 characters/);
});

test("an operator adds to a list, an exception to a rule, and switches another one off", () => {
  const base = `lists: { shells: [sh] }
rules:
  - { name: one, summary: s, protection: drift, severity: notice, on: [exec], message: m, when: file.name in shells }
  - { name: two, summary: s, protection: drift, severity: notice, on: [exec], message: m }`;
  const own = `changes:
  lists: { shells: [nu] }
  rules:
    - { rule: one, severity: critical, exceptions: [{ name: mine, when: container.name == "build" }] }
    - { rule: two, enabled: false }`;
  const rules = build(base, own);
  const subject = aSubject(anEvent({ path: "/bin/nu" }));
  const inBuild = { ...subject, container: subject.container && { ...subject.container, name: "build" } };
  const [one] = rules.rules;
  assert.deepEqual(
    [rules.rules.map(({ name, severity }) => [name, severity]), one?.judge(subject), one?.judge(inBuild)],
    [[["one", "critical"]], true, false],
  );
});

test("names in events never break a line of a message", () => {
  const hostile = `a\nb\u001b[31m\u202e${"x".repeat(5000)}`;
  const [found] = build(rule("true").replace('"m"', '"{file.path} by {process.command}"')).of("exec");
  const message = found?.message(aSubject(anEvent({ path: hostile, argv: [hostile] }))) ?? "";
  assert.match(message, /^a\\u\{a\}b\\u\{1b\}\[31m\\u\{202e\}x+… by a/);
  assert.ok(message.length <= 1200);
});

test("a pattern never takes long, whatever it meets", () => {
  assert.deepEqual(
    [
      matchesGlob("a".repeat(4096), `${"*a".repeat(50)}b`),
      matchesGlob("/a/b/c", "/a/*"),
      matchesGlob("/proc/1/mem", "/proc/?/mem"),
      matchesGlob("", "*"),
      matchesGlob("a", ""),
    ],
    [false, true, true, true, false],
  );
});

test("a pattern that is known beforehand matches what it matches otherwise", () => {
  const patterns = ["", "*", "a", "a*", "*a", "a*b", "*a*", "a*b*c", "*a*b", "?a*", "**", "ab*ba"];
  const texts = ["", "a", "b", "ab", "aab", "aba", "abc", "axbyc", "xaxbx", "aaa", "ba", "abba"];
  const differs = patterns.flatMap((pattern) =>
    texts.filter((text) => compileGlob(pattern)(text) !== matchesGlob(text, pattern)).map((text) => [pattern, text]),
  );
  assert.deepEqual(differs, []);
});

test("the manual lists every field that rules can ask for", () => {
  const manual = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");
  const missing = Object.keys(fields).filter((name) => !manual.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});
