// One request as one line for people: time, caller, action, object, verdict, rule, milliseconds.

import { printable } from "../../base/printable.ts";
import type { AuditRecord } from "../../model/audit.ts";
import type { Style, Terminal } from "../terminal.ts";

/** Refusals get a second line that says why. */
export function formatDecision(record: AuditRecord, terminal: Terminal): string {
  const { word, style } = verdictOf(record);
  const columns = [
    terminal.style("dim", timeOfDay(record.time)),
    fit(record.caller.id || "?", 20),
    fit(record.action === "unknown" ? `${record.method} ${record.path}` : record.action, 20),
    fit(objectOf(record), 24),
    terminal.style(style, word.padEnd(10)),
    fit(record.rules[0]?.id ?? "-", 26),
    `${record.durationMs.toFixed(1).padStart(7)} ms`,
  ];
  const line = `${columns.join("  ")}\n`;
  return word === "allow" ? line : `${line}${" ".repeat(10)}${terminal.style("dim", printable(record.reason, 300))}\n`;
}

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
