// Words of the command line: what is understood, what is refused, and what is suggested.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, CommandInput } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.generated.ts";
import { run } from "./program.ts";

function probe(seen: CommandInput[]): Command {
  return {
    name: "probe",
    summary: "for this test",
    arguments: [{ name: "FILE" }, { name: "MORE", isOptional: true, isRepeated: true }],
    options: {
      json: { kind: "flag", short: "j", summary: "as JSON" },
      output: { kind: "value", short: "o", value: "FORMAT", choices: ["table", "json"], summary: "shape" },
      label: { kind: "value", short: "l", value: "LABEL", isList: true, summary: "labels" },
    },
    run(_context, input) {
      seen.push(input);
      return 0;
    },
  };
}

test("options, values, lists and arguments reach the command", async () => {
  const seen: CommandInput[] = [];
  const words = ["probe", "-j", "--output=json", "-l", "a", "one", "--label", "b=c", "--", "--two"];
  assert.equal((await run(words, { commands: [probe(seen)] })).code, 0);
  const [input] = seen;
  assert.deepEqual(
    [input?.flag("json"), input?.text("output"), input?.list("label"), input?.positionals, input?.text("json")],
    [true, "json", ["a", "b=c"], ["one", "--two"], undefined],
  );
});

test("what is not understood exits with 2, names the word and suggests the nearest one", async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["satus"], /unknown command "satus"[\s\S]*did you mean "plimsoll status"\?/],
    [["probe", "f", "--ouput", "json"], /unknown option "--ouput"[\s\S]*did you mean "--output"\?/],
    [["probe", "f", "--output", "jsn"], /expected table, json, found "jsn"[\s\S]*did you mean "json"\?/],
    [["probe", "f", "--output"], /--output expects FORMAT/],
    [["probe", "f", "--json=yes"], /--json takes no value/],
    [["probe"], /FILE is missing/],
    [["help", "a", "b", "c"], /no command "a b c"/],
    [["version", "extra"], /unexpected argument "extra"/],
    [["--frobnicate"], /unknown option "--frobnicate"/],
    [["probe", "f", "--__proto__", "x"], /unknown option "--__proto__"/],
    [["probe", "f", "--toString"], /unknown option "--toString"/],
  ];
  for (const [words, expected] of cases) {
    const result = await run(words, { commands: [...commands, probe([])] });
    assert.deepEqual([result.code, result.stdout], [2, ""], words.join(" "));
    assert.match(result.stderr, expected);
  }
});

test("control characters of a mistyped word never reach the terminal", async () => {
  const { stderr } = await run(["\u001b]0;owned\u0007\u202e"]);
  assert.deepEqual(
    ["\u001b", "\u0007", "\u202e"].filter((character) => stderr.includes(character)),
    [],
  );
});

test("every command has a page with usage and options, the same by help and by --help", async () => {
  for (const command of commands) {
    const byHelp = await run(["help", command.name]);
    const byOption = await run([command.name, "--help"]);
    assert.deepEqual(byHelp, byOption);
    assert.match(byHelp.stdout, /\nUsage\n {2}plimsoll /);
    assert.ok(
      byHelp.stdout.split("\n").every((line) => line.length <= 160),
      command.name,
    );
  }
});

test("every command keeps the form of the table: file name, lower-case summary without a full stop", () => {
  for (const command of commands) {
    assert.match(command.name, /^[a-z][a-z-]*$/);
    assert.match(command.summary, /^[a-z`].*[^.]$/);
  }
});

test("colours are for terminals, unless the environment says otherwise", async () => {
  const coloured = async (isTerminal: boolean, environment: Readonly<Record<string, string>>) =>
    (await run(["--help"], { isTerminal, environment })).stdout.includes("\u001b[");
  assert.deepEqual(
    {
      pipe: await coloured(false, {}),
      terminal: await coloured(true, {}),
      noColor: await coloured(true, { NO_COLOR: "1" }),
      dumb: await coloured(true, { TERM: "dumb" }),
      forced: await coloured(false, { FORCE_COLOR: "1" }),
      noColorWins: await coloured(true, { NO_COLOR: "1", FORCE_COLOR: "1" }),
    },
    { pipe: false, terminal: true, noColor: false, dumb: false, forced: true, noColorWins: false },
  );
});

test("version goes to standard output, for people and as JSON", async () => {
  assert.match((await run(["version"])).stdout, /^plimsoll 1\.2\.3 \(Node /);
  assert.equal((await run(["--version"])).stdout, "plimsoll 1.2.3\n");
  assert.equal(JSON.parse((await run(["version", "--json"])).stdout).plimsoll, "1.2.3");
});
