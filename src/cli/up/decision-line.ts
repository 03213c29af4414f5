// One request as one line for people: time, caller, action, object, verdict, rule, milliseconds.

import { printable } from "../../base/printable.ts";
import type { AuditRecord } from "../../model/audit.ts";
import { roomOf, type Style, type Terminal, wrapText } from "../terminal.ts";

/** Characters for caller, action, object and rule: none, and no time it took, where the rule would not fit. */
type Widths = { readonly caller: number; readonly action: number; readonly object: number; readonly rule: number };

function widthsFor(room: number): Widths {
  if (room >= 130) return { caller: 20, action: 20, object: 24, rule: 26 };
  if (room >= 118) return { caller: 14, action: 20, object: 18, rule: 26 };
  return room >= 100
    ? { caller: 14, action: 20, object: 32, rule: 0 }
    : { caller: 14, action: 18, object: 16, rule: 0 };
}

/** Refusals get a second line that says why. */
export function formatDecision(record: AuditRecord, terminal: Terminal): string {
  const { word, style } = verdictOf(record);
  const room = roomOf(terminal);
  const widths = widthsFor(room);
  const rule = record.rules[0]?.id ?? "-";
  const columns = [
    terminal.style("dim", timeOfDay(record.time)),
    fit(record.caller.id || "?", widths.caller),
    fit(record.action === "unknown" ? `${record.method} ${record.path}` : record.action, widths.action),
    fit(objectOf(record), widths.object),
    terminal.style(style, word.padEnd(10)),
    ...(widths.rule === 0 ? [] : [fit(rule, widths.rule), `${record.durationMs.toFixed(1).padStart(7)} ms`]),
  ];
  const line = `${columns.join("  ")}\n`;
  if (word === "allow") return line;
  const reason = printable(widths.rule === 0 ? `${rule}: ${record.reason}` : record.reason, 300);
  return `${line}${terminal.style("dim", wrapText(reason, room, reasonIndent).trimEnd())}\n`;
}

const reasonIndent = " ".repeat(10);

/** Pings that passed say nothing: every command of a client starts with one. */
export function isWorthALine(record: AuditRecord): boolean {
  return record.action !== "system.ping" || record.verdict === "deny" || record.wouldDeny;
}

function verdictOf(record: AuditRecord): { readonly word: string; readonly style: Style } {
  if (record.wouldDeny) return { word: "would deny", style: "yellow" };
  return record.verdict === "deny" ? { word: "DENY", style: "red" } : { word: "allow", style: "green" };
}

/** What it was done to: a name where there is one, else a short id. */
function objectOf({ resource, facts }: AuditRecord): string {
  const image = facts["image"];
  const name = resource.name || resource.id.replace(/^sha256:/, "").slice(0, 12);
  if (name !== "") return name;
  return typeof image === "string" && image !== "" ? image : "-";
}

function timeOfDay(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "--:--:--" : date.toTimeString().slice(0, 8);
}

function fit(text: string, width: number): string {
  return printable(text, width).padEnd(width);
}
