// An alert in the names of the Elastic Common Schema 8.17. Source: elastic.co/guide/en/ecs/8.17.

import type { Alert, KernelEventKind } from "../../model/watch.ts";
import { baseName } from "../rules/path-parts.ts";

const categories: Partial<Readonly<Record<KernelEventKind, string>>> = {
  ...{ exec: "process", fork: "process", exit: "process", memory: "process", "set-user": "process" },
  ...{ open: "file", create: "file", chmod: "file", rename: "file", link: "file", unlink: "file" },
  ...{ "map-executable": "library", module: "driver", mount: "file" },
  ...{ socket: "network", connect: "network", bind: "network", listen: "network", send: "network" },
  ...{ flow: "network", "flow-ended": "network" },
};

const severities: Readonly<Record<Alert["severity"], number>> = { notice: 3, warning: 6, critical: 9 };

export function toEcs(alert: Alert): Readonly<Record<string, unknown>> {
  const { event, container } = alert;
  const [self, parent] = alert.ancestors;
  return {
    "@timestamp": alert.time,
    "ecs.version": "8.17.0",
    message: alert.message,
    "event.id": alert.id,
    "event.kind": "alert",
    "event.category": [categories[event.kind] ?? "intrusion_detection"],
    "event.type": [alert.outcome === "detected" ? "info" : "denied"],
    "event.action": event.kind,
    "event.outcome": event.verdict === "seen" ? "success" : "failure",
    "event.severity": severities[alert.severity],
    "event.module": "plimsoll",
    "event.dataset": "plimsoll.watch",
    "observer.product": "Plimsoll",
    "observer.type": "watch",
    "rule.name": alert.rule,
    "rule.category": alert.protection,
    "process.pid": event.process.pid,
    "process.name": event.process.name,
    "process.executable": self?.path ?? "",
    "process.args": self?.argv ?? [],
    "process.command_line": (self?.argv ?? []).join(" "),
    "process.user.id": String(event.process.uid),
    ...(parent === undefined
      ? {}
      : {
          "process.parent.pid": parent.pid,
          "process.parent.executable": parent.path,
          "process.parent.args": parent.argv,
        }),
    ...(event.path === "" ? {} : { "file.path": event.path, "file.name": baseName(event.path) }),
    ...(event.address === "" ? {} : { "destination.ip": event.address, "destination.port": event.port }),
    ...(container === undefined
      ? {}
      : {
          "container.id": container.id,
          "container.name": container.name,
          "container.image.name": container.image,
          "container.image.hash.all": [container.imageId].filter((id) => id !== ""),
          "container.runtime": container.engine,
          "container.labels": container.labels,
        }),
    ...(alert.techniques.length === 0
      ? {}
      : { "threat.framework": "MITRE ATT&CK", "threat.technique.id": alert.techniques }),
    // Everything ECS has no name for.
    plimsoll: {
      incident: alert.incident,
      outcome: alert.outcome,
      responses: alert.responses,
      ancestors: alert.ancestors,
      event,
      owner: container?.owner ?? "",
    },
  };
}
