// Rules in Falco's format, as ours.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import type { KernelEvent } from "../../src/model/watch.ts";
import { importFalco } from "../../src/watch/rules/falco/import-falco.ts";
import { parseFalcoCondition } from "../../src/watch/rules/falco/parse-condition.ts";
import { readRuleFile } from "../../src/watch/rules/rule-file.ts";
import { buildRuleSet } from "../../src/watch/rules/rule-set.ts";
import { run } from "../cli/program.ts";
import { anEvent, aSubject } from "../support/watch.ts";

const file = join(import.meta.dirname, "../fixtures/falco/rules.yaml");
const imported = importFalco(parse(readFileSync(file, "utf8")));
const rules = buildRuleSet({
  files: [readRuleFile("falco.yaml", JSON.stringify({ rules: imported.rules }))],
  responses: [],
  withDisabled: true,
});

function fires(event: Partial<KernelEvent>, name = "x", parent?: string): readonly string[] {
  const base = anEvent();
  const subject = aSubject(anEvent({ ...event, process: { ...base.process, name } }));
  const above = parent === undefined ? undefined : { ...subject.process, name: parent, parent: undefined };
  const whole = { ...subject, process: { ...subject.process, name, parent: above } };
  return rules
    .of(event.kind ?? "exec")
    .filter((rule) => rule.judge(whole))
    .map((rule) => rule.name);
}

test("lists, macros, exceptions, append and override mean what they mean to Falco", () => {
  assert.deepEqual(
    {
      shell: fires({ argv: ["zsh"] }, "zsh"),
      listed: fires({ argv: ["ash"] }, "ash"),
      excepted: fires({ argv: ["sh", "-c", "/usr/lib/x"] }, "sh", "cron"),
      other: fires({ argv: ["ls"] }, "ls"),
      etc: fires({ kind: "open", path: "/etc/x", details: { flags: 1 } }),
      read: fires({ kind: "open", path: "/etc/x", details: { flags: 0 } }),
      attach: fires({ kind: "memory", details: { call: "ptrace", request: "PTRACE_SEIZE" } }),
      setuid: fires({ kind: "chmod", details: { mode: 0o4755 } }),
      inside: fires({ kind: "connect", address: "10.0.0.1", port: 80 }),
    },
    {
      ...{ shell: ["falco-shell-in-a-container"], listed: ["falco-shell-in-a-container"], excepted: [], other: [] },
      ...{ etc: ["falco-write-below-etc"], read: [], attach: ["falco-attach"], setuid: ["falco-setuid"], inside: [] },
    },
  );
  assert.deepEqual(
    imported.rules.map(({ name, severity, protection, on, enabled }) => [name, severity, protection, on, enabled]),
    [
      ["falco-shell-in-a-container", "notice", "mining", ["exec"], true],
      ["falco-write-below-etc", "warning", "drift", ["open"], false],
      ["falco-attach", "warning", "escape", ["memory"], true],
      ["falco-outside", "notice", "network", ["connect"], true],
      ["falco-setuid", "critical", "mining", ["chmod"], true],
    ],
  );
});

test("whatever cannot be expressed is refused by name, and nothing of it is imported", () => {
  assert.deepEqual(imported.refused, [
    "Copy of a descriptor: the system call dup is not seen here",
    "Pattern: proc.cmdline: the operator regex is not supported",
    "Unknown field: the field proc.duration is not known here",
    "Of the cloud: its events come from aws_cloudtrail",
    "Without a macro: there is no macro nobody_knows_it",
    "Of everything: it names no kind of event",
  ]);
});

test("an empty list holds for nothing, and half a question that decides is enough", () => {
  const conditions = {
    empty: "evt.type=execve and not container.image.repository in (nobody) and not proc.name in (nobody)",
    decided: "evt.type=connect and (evt.rawres >= 0 or evt.res = EINPROGRESS)",
    undecided: "evt.type=connect and (fd.sport=1 or evt.res = EINPROGRESS)",
    truncated: 'evt.type=open and evt.arg.flags contains "O_TRUNC"',
    odd: 'evt.type=open and evt.arg.flags contains "O_TMPFILE"',
    packets: "evt.type=socket and evt.arg[0] contains AF_PACKET",
    repository: 'evt.type=execve and container.image.repository endswith "team/web"',
    parent: "evt.type=execve and proc.pexe endswith java",
  };
  const entries = Object.entries(conditions).map(([rule, condition]) => ({ rule, condition, desc: rule }));
  const found = importFalco([{ list: "nobody", items: [] }, ...entries], [1, ...entries.map((_, index) => 10 * index)]);
  assert.deepEqual(
    {
      ...Object.fromEntries(found.rules.map(({ name, when }) => [name.slice("falco-".length), when])),
      no: found.refused,
    },
    {
      empty: '(((event.kind == "exec") && !(false)) && !(false))',
      decided: '((event.kind == "connect") && true)',
      truncated: '((event.kind == "open") && (event.kind == "open" && file.isTruncated))',
      packets: '((event.kind == "socket") && (event.kind == "socket" && socket.family == "packet"))',
      repository:
        '((event.kind == "exec") && ((container.image.endsWith("team/web") || container.image.glob(["*team/web:*", "*team/web@*"]))))',
      parent: '((event.kind == "exec") && parent.argv[0].endsWith("java"))',
      no: [
        "line 20: undecided: the field evt.res is not known here",
        "line 40: odd: the field evt.arg.flags is not known here",
      ],
    },
  );
});

test("plimsoll watch rules import refuses a file with such rules, unless they may be left out", async (t) => {
  const strict = await run(["watch", "rules", "import", file]);
  const lenient = await run(["watch", "rules", "import", "--skip", file]);
  assert.deepEqual([strict.code, strict.stdout, lenient.code], [3, "", 0]);
  assert.match(strict.stderr, /^plimsoll: not imported: line \d+: Copy of a descriptor: the system call dup/m);
  assert.match(strict.stderr, /RULES_INVALID|6 of 11 rules cannot be expressed/);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-falco-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const written = join(folder, "falco.yaml");
  writeFileSync(written, lenient.stdout);
  const checked = await run(["watch", "rules", "check", written]);
  assert.match(checked.stdout, /rules, no mistakes/);
});

test("conditions nest only so deep, and end where they end", () => {
  assert.throws(() => parseFalcoCondition(`${"(".repeat(500)}a${")".repeat(500)}`), /more than 100 brackets/);
  assert.throws(() => parseFalcoCondition("a and"), /ends too early/);
  assert.throws(() => parseFalcoCondition("a b"), /unexpected "b"/);
  assert.throws(() => parseFalcoCondition("(a"), /not closed/);
});
