// OCSF 1.6.0, API Activity (class 6003) with the security_control profile.
// Source: schema.ocsf.io/1.6.0/classes/api_activity.

import type { AuditRecord } from "../../model/audit.ts";
import { type ActionKind, actionKind } from "./action-kind.ts";
import { attackTechnique } from "./attack-technique.ts";

const activities: Readonly<Record<ActionKind, number>> = { create: 1, read: 2, update: 3, delete: 4, other: 99 };
const classUid = 6003;

export function toOcsf(record: AuditRecord): Readonly<Record<string, unknown>> {
  const activity = activities[actionKind(record.action)];
  const technique = attackTechnique(record);
  return {
    ...{ class_uid: classUid, class_name: "API Activity", category_uid: 6, category_name: "Application Activity" },
    ...{ activity_id: activity, type_uid: classUid * 100 + activity },
    time: Date.parse(record.time),
    duration: Math.round(record.durationMs),
    severity_id: record.verdict === "deny" || record.wouldDeny ? 3 : 1,
    ...disposition(record),
    status_id: record.end === "complete" && record.status < 400 ? 1 : 2,
    status_code: String(record.status),
    status_detail: record.reason,
    metadata: {
      version: "1.6.0",
      profiles: ["security_control"],
      uid: record.id,
      event_code: record.action,
      product: { name: "Plimsoll", vendor_name: "Plimsoll", feature: { name: record.listener } },
    },
    actor: actor(record),
    api: {
      operation: record.action,
      service: { name: "container-engine" },
      request: { uid: record.id },
      response: { code: record.status, ...(record.status >= 400 ? { message: record.reason } : {}) },
    },
    http_request: { uid: record.id, http_method: record.method, url: { path: record.path } },
    // A unix socket has no address: the listener's name is the one thing that tells where the call came from.
    src_endpoint: { name: record.listener, ...container(record) },
    resources: [resource(record)],
    policy: { uid: record.rules[0]?.id ?? "", name: record.rules[0]?.id ?? "", desc: record.reason },
    ...(technique === undefined
      ? {}
      : {
          attacks: [
            {
              version: "17.1",
              technique: { uid: technique.uid, name: technique.name },
              tactic: { name: technique.tactic },
            },
          ],
        }),
    unmapped: { record },
  };
}

function disposition(record: AuditRecord): Readonly<Record<string, unknown>> {
  if (record.verdict === "deny") return { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
  if (record.wouldDeny) return { action_id: 3, action: "Observed", disposition_id: 15, disposition: "Detected" };
  return { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" };
}

function actor({ caller }: AuditRecord): Readonly<Record<string, unknown>> {
  const { process } = caller;
  return {
    user: {
      uid: caller.id,
      name: caller.name,
      ...{ type_id: process?.uid === 0 ? 2 : 1, groups: caller.groups.map((name) => ({ name })) },
    },
    idp: { name: caller.provider },
    ...(process === undefined
      ? {}
      : {
          process: {
            pid: process.pid,
            ...(process.executable === undefined
              ? {}
              : { file: { path: process.executable, name: baseName(process.executable), type_id: 1 } }),
          },
        }),
  };
}

function container({ caller }: AuditRecord): Readonly<Record<string, unknown>> {
  return caller.process?.container === undefined ? {} : { container: { uid: caller.process.container } };
}

function resource({ resource: { type, id, name, owner } }: AuditRecord): Readonly<Record<string, unknown>> {
  return { type, uid: id, name, ...(owner === "" ? {} : { owner: { uid: owner, name: owner } }) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
