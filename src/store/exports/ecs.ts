// Elastic Common Schema 8.17. Source: elastic.co/guide/en/ecs/8.17.

import type { AuditRecord } from "../../model/audit.ts";
import { type ActionKind, actionKind } from "./action-kind.ts";
import { attackTechnique } from "./attack-technique.ts";

const types: Readonly<Record<ActionKind, string>> = {
  create: "creation",
  read: "access",
  update: "change",
  delete: "deletion",
  other: "info",
};

export function toEcs(record: AuditRecord): Readonly<Record<string, unknown>> {
  const { caller, resource, facts } = record;
  const technique = attackTechnique(record);
  return {
    "@timestamp": record.time,
    "ecs.version": "8.17.0",
    message: record.reason,
    "event.id": record.id,
    "event.kind": "event",
    "event.category": ["api"],
    "event.type": [types[actionKind(record.action)], record.verdict === "deny" ? "denied" : "allowed"],
    "event.action": record.action,
    "event.outcome": outcome(record),
    "event.reason": record.reason,
    "event.duration": Math.round(record.durationMs * 1e6),
    "event.module": "plimsoll",
    "event.dataset": "plimsoll.audit",
    "observer.product": "Plimsoll",
    "observer.type": "gate",
    "user.id": caller.id,
    "user.name": caller.name,
    "user.roles": caller.groups,
    "related.user": [caller.name].filter((name) => name !== ""),
    ...optional("process.pid", caller.process?.pid),
    ...optional("process.executable", caller.process?.executable),
    "http.request.method": record.method,
    "http.request.bytes": record.bytesIn,
    "http.response.status_code": record.status,
    "http.response.bytes": record.bytesOut,
    "url.path": record.path,
    ...optional("container.id", resource.type === "Container" ? resource.id : ""),
    ...optional("container.name", resource.type === "Container" ? resource.name : ""),
    ...optional("container.image.name", typeof facts["image"] === "string" ? facts["image"] : undefined),
    ...optional("rule.id", record.rules[0]?.id),
    ...optional("rule.reference", ruleReference(record)),
    ...(technique === undefined
      ? {}
      : {
          "threat.framework": "MITRE ATT&CK",
          "threat.technique.id": [technique.uid],
          "threat.technique.name": [technique.name],
        }),
    // Everything ECS has no name for, and what policies saw.
    plimsoll: {
      ...{ listener: record.listener, mode: record.mode, wouldDeny: record.wouldDeny, end: record.end },
      ...{ caller, resource, rules: record.rules, facts },
    },
  };
}

function outcome(record: AuditRecord): "success" | "failure" | "unknown" {
  if (record.end === "interrupted") return "unknown";
  return record.verdict === "allow" && record.status < 400 ? "success" : "failure";
}

function ruleReference({ rules }: AuditRecord): string | undefined {
  const [rule] = rules;
  return rule === undefined || rule.file === "" ? undefined : `${rule.file}:${rule.line}`;
}

function optional(name: string, value: number | string | undefined): Readonly<Record<string, number | string>> {
  return value === undefined || value === "" ? {} : { [name]: value };
}
