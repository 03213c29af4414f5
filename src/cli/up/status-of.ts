// A running service as `plimsoll status` shows it.

import type { Configuration } from "../configuration/configuration.ts";
import type { ServiceStatus } from "../control/protocol.ts";
import type { RunningService } from "../service.ts";
import type { Counters } from "./counters.ts";

export function toStatus(
  service: RunningService,
  more: {
    readonly version: string;
    readonly startedAt: string;
    readonly configuration: Configuration;
    readonly counters: Counters;
  },
): ServiceStatus {
  const { kind, version, apiVersion, socket } = service.engine;
  return {
    pid: process.pid,
    version: more.version,
    startedAt: more.startedAt,
    configurationFile: more.configuration.file,
    listeners: service.listeners,
    engine: { kind, version, apiVersion, socket, isManaged: service.isManaged },
    policyGeneration: service.policyGeneration(),
    trust: service.trust() ?? { file: "", counter: 0, rules: 0 },
    auditSize: service.auditSize(),
    counters: more.counters,
    memoryBytes: process.memoryUsage.rss(),
    watch: describeWatch(service.watch.state()),
  };
}

function describeWatch(state: ReturnType<RunningService["watch"]["state"]>): string {
  if (state.kind === "on") return `on, ${state.rules} rules`;
  return state.kind === "starting" ? "starting" : `off: ${state.reason}`;
}
