// What people see on narrow and wide terminals: no line is longer than the screen, and nothing is lost by that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/cli/commands.generated.ts";
import { commandPage, overview } from "../../src/cli/help.ts";
import { isGroup } from "../../src/cli/parse-command-line.ts";
import { formatTable, openTerminal, type Terminal, visibleWidth } from "../../src/cli/terminal.ts";
import { formatDecision } from "../../src/cli/up/decision-line.ts";
import type { AuditRecord } from "../../src/model/audit.ts";
import { opening } from "../store/records.ts";

const reason = "privileged containers reach root on the host; host folders in a container are read and written as root";
const rules = [{ id: "baseline/no-privileged", kind: "policy", file: "policies/baseline.cedar", line: 33 }] as const;
const denied: AuditRecord = {
  ...opening({ verdict: "deny", wouldDeny: false, rules, reason }),
  ...{ status: 403, bytesIn: 120, bytesOut: 250, durationMs: 1.25, end: "refused" },
};

function screen(columns: number): Terminal {
  return openTerminal({ isTTY: true, columns, write: () => undefined }, { NO_COLOR: "1" });
}

function longest(text: string): number {
  return Math.max(...text.split("\n").map(visibleWidth));
}

test("a decision fits the screen, and a refusal always says its rule and the whole reason", () => {
  const words = (text: string): string => text.replaceAll(/\s+/g, " ");
  for (const columns of [80, 100, 120, 160]) {
    const line = formatDecision(denied, screen(columns));
    assert.deepEqual(
      {
        fits: longest(line) <= columns,
        rule: line.includes("baseline/no-privileged"),
        reason: words(line).includes(reason),
      },
      { fits: true, rule: true, reason: true },
      line,
    );
  }
});

test("in a pipe a decision is one line, and its reason another, however long", () => {
  const pipe = openTerminal({ write: () => undefined }, {});
  assert.equal(formatDecision(denied, pipe).trimEnd().split("\n").length, 2);
});

test("help fits 80 columns but for examples, which are for copying", () => {
  const pages = commands.flatMap((command) => [
    command.name,
    ...(isGroup(command) ? command.commands.map(({ name }) => `${command.name} ${name}`) : []),
  ]);
  const texts = [overview(commands, screen(80)), ...pages.map((page) => commandPage(page, commands, screen(80)) ?? "")];
  const tooLong = texts
    .flatMap((text) => (text.split("\nExamples\n")[0] ?? "").split("\n"))
    .filter((line) => line.length > 80);
  assert.deepEqual(tooLong, []);
});

test("the last column of a table goes on below itself, and on a screen too small for that it stays whole", () => {
  const rows = [["a", "one two three four five six seven"]];
  assert.deepEqual(
    [formatTable(rows, "  ", 32), formatTable(rows, "  ", 20)],
    ["  a  one two three four five six\n     seven\n", "  a  one two three four five six seven\n"],
  );
});
