// One record for people: who, what, why, how it ended, and what policies saw.

import { printable } from "../../base/printable.ts";
import type { AuditRecord } from "../../model/audit.ts";
import type { FactValue } from "../../model/facts.ts";
import { verdictOf } from "../../store/audit-filter.ts";
import { formatTable, type Terminal } from "../terminal.ts";

const verdictStyles = { allow: "green", deny: "red", "would-deny": "yellow" } as const;

export function formatRecord(record: AuditRecord, terminal: Terminal): string {
  const { caller, resource } = record;
  const verdict = verdictOf(record);
  const rows: readonly (readonly [string, string])[] = [
    ["id", record.id],
    ["time", record.time],
    ["listener", `${record.listener} (${record.mode})`],
    [
      "caller",
      `${caller.id}${caller.groups.length === 0 ? "" : ` in ${caller.groups.join(", ")}`}, by ${caller.provider}`,
    ],
    ...processRows(record),
    ["request", `${record.method} ${record.path}`],
    ["action", record.action],
    [
      "object",
      [resource.type, resource.name, resource.id, resource.owner && `of ${resource.owner}`].filter(Boolean).join(" "),
    ],
    ["verdict", terminal.style(verdictStyles[verdict], verdict)],
    ["reason", record.reason],
    ...record.rules.map((rule): [string, string] => [
      "rule",
      rule.file === "" ? rule.id : `${rule.id} (${rule.file}:${rule.line})`,
    ]),
    ["end", `${record.end}, status ${record.status}, ${record.durationMs.toFixed(1)} ms`],
    ["bytes", `${record.bytesIn} in, ${record.bytesOut} out`],
  ];
  const facts = Object.entries(record.facts).map(([name, value]) => [name, factText(value)]);
  return [
    formatTable(
      rows.map(([name, value]) => [terminal.style("dim", name), name === "verdict" ? value : printable(value, 2000)]),
    ),
    facts.length === 0 ? "" : `\n${terminal.style("bold", "facts")}\n`,
    formatTable(
      facts.map(([name = "", value = ""]) => [terminal.style("dim", printable(name, 100)), printable(value, 2000)]),
      "  ",
    ),
  ].join("");
}

function processRows({ caller: { process, keyFingerprint } }: AuditRecord): readonly (readonly [string, string])[] {
  return [
    ...(process === undefined
      ? []
      : [
          [
            "process",
            `${process.executable ?? "?"} (pid ${process.pid}, uid ${process.uid}, gid ${process.gid})`,
          ] as const,
        ]),
    ...(process?.container === undefined ? [] : [["container", process.container] as const]),
    ...(keyFingerprint === undefined ? [] : [["key", `sha256:${keyFingerprint}`] as const]),
  ];
}

function factText(value: FactValue): string {
  if (typeof value !== "object") return String(value);
  return value.length === 0 ? "(none)" : value.join(", ");
}
