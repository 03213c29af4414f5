// An alert as OCSF 1.6.0, Detection Finding (class 2004), with the container, host and security_control profiles.
// Source: schema.ocsf.io/1.6.0/classes/detection_finding.

import type { Alert } from "../../model/watch.ts";
import { baseName } from "../rules/path-parts.ts";

const classUid = 2004;
const create = 1;
const severities: Readonly<Record<Alert["severity"], number>> = { notice: 2, warning: 3, critical: 5 };

export function toOcsf(alert: Alert): Readonly<Record<string, unknown>> {
  const time = Date.parse(alert.time);
  return {
    ...{ class_uid: classUid, class_name: "Detection Finding", category_uid: 2, category_name: "Findings" },
    ...{ activity_id: create, activity_name: "Create", type_uid: classUid * 100 + create, status_id: 1 },
    time,
    severity_id: severities[alert.severity],
    message: alert.message,
    is_alert: true,
    ...disposition(alert),
    metadata: {
      version: "1.6.0",
      profiles: ["container", "security_control"],
      uid: alert.id,
      correlation_uid: alert.incident,
      product: { name: "Plimsoll", vendor_name: "Plimsoll", feature: { name: "watch" } },
    },
    finding_info: {
      uid: alert.id,
      title: alert.rule,
      desc: alert.message,
      created_time: time,
      types: [alert.protection],
      analytic: { type_id: 1, type: "Rule", uid: alert.rule, name: alert.rule },
      ...(alert.techniques.length === 0
        ? {}
        : { attacks: alert.techniques.map((uid) => ({ version: "17.1", technique: { uid } })) }),
    },
    evidences: [evidence(alert)],
    ...(alert.container === undefined ? {} : { container: containerOf(alert.container) }),
    unmapped: { alert },
  };
}

function disposition({ outcome }: Alert): Readonly<Record<string, unknown>> {
  return outcome === "detected"
    ? { action_id: 3, action: "Observed", disposition_id: 15, disposition: "Detected" }
    : { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
}

function evidence({ event, ancestors }: Alert): Readonly<Record<string, unknown>> {
  return {
    process: processOf(ancestors, event.process.uid),
    ...(event.path === "" ? {} : { file: { path: event.path, name: baseName(event.path), type_id: 0 } }),
    ...(event.address === "" ? {} : { dst_endpoint: { ip: event.address, port: event.port } }),
  };
}

/** Each is the parent of the one before. */
function processOf(ancestors: Alert["ancestors"], uid: number): Readonly<Record<string, unknown>> {
  const [self, ...above] = ancestors;
  if (self === undefined) return {};
  return {
    pid: self.pid,
    cmd_line: self.argv.join(" "),
    file: { path: self.path, name: baseName(self.path), type_id: 1 },
    user: { uid: String(uid) },
    ...(above.length === 0 ? {} : { parent_process: processOf(above, uid) }),
  };
}

function containerOf({ id, name, image, imageId, engine, labels }: NonNullable<Alert["container"]>) {
  return {
    uid: id,
    name,
    runtime: engine,
    image: { uid: imageId, name: image },
    tags: Object.entries(labels).map(([label, value]) => ({ name: label, value })),
  };
}
