// Metrics that only the whole program knows; those of requests are counted by the gate.
// Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.

import type { EngineDescription } from "../engine/engine.ts";
import type { AuditLog } from "../store/audit-log.ts";
import type { Policies } from "./policies.ts";

export function renderServiceMetrics(audit: AuditLog, policies: Policies, engine: EngineDescription): string {
  return [
    family("plimsoll_audit_records", "gauge", "Records in the audit log.", audit.size()),
    family("plimsoll_audit_lost_total", "counter", "Requests that passed without a record (disk full).", audit.lost()),
    family("plimsoll_audit_open_requests", "gauge", "Requests whose end is not known yet.", audit.openRequests()),
    family("plimsoll_audit_full", "gauge", "1 while the audit log has no room.", audit.isFull() ? 1 : 0),
    family("plimsoll_policy_generation", "gauge", "Rises with every policy reload.", policies.generation()),
    family("process_resident_memory_bytes", "gauge", "Resident memory.", process.memoryUsage.rss()),
    `# HELP plimsoll_engine_info The engine behind the gate.\n# TYPE plimsoll_engine_info gauge\n` +
      `plimsoll_engine_info{kind=${quoted(engine.kind)},version=${quoted(engine.version)},api=${quoted(engine.apiVersion)}} 1\n`,
  ].join("");
}

function family(name: string, type: "gauge" | "counter", help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}

function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(/[^\x20-\x7e]/g, "?"));
}
