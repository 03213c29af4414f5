// What holds when nobody chose: one unix socket, judged by baseline, with its callers named by the kernel.

import { join } from "node:path";
import type {
  AdmissionConfiguration,
  AuditConfiguration,
  LimitsConfiguration,
  ListenerConfiguration,
  ListenerEndpoint,
  WatchConfiguration,
} from "./configuration.ts";
import { findGroupId } from "./group-id.ts";

export const defaultIdentity: Readonly<Record<ListenerEndpoint["transport"], readonly string[]>> = {
  unix: ["unix-peer"],
  tls: ["mtls"],
  "authz-plugin": ["engine-report"],
};

export const defaultAudit: AuditConfiguration = { keepDays: 90, maxBytes: 4 * 2 ** 30, onFull: "refuse" };

export const defaultAdmission: AdmissionConfiguration = {
  enabled: "auto",
  waitMs: 60_000,
  databasePath: "",
  ruleFiles: [],
  ignoreFiles: [],
  vexFiles: [],
  clamdSocket: "",
  trustFile: "",
  insecureRegistries: [],
};

export const defaultWatch: WatchConfiguration = {
  enabled: "auto",
  required: false,
  unknown: "detect",
  ruleset: "standard",
  rules: [],
  outputs: [],
  nameServers: [],
  evidenceMaxBytes: 256 << 20,
  malware: { enabled: "auto", maxFileBytes: 256 << 20, timeoutMs: 10_000 },
};

export const defaultLimits: LimitsConfiguration = { bodyBytes: 4 * 2 ** 20, connections: 16_384 };

/** Members of the group `plimsoll` may connect, where the host has one. */
export function defaultListener(runtimeFolder: string): ListenerConfiguration {
  const gid = findGroupId("plimsoll");
  return {
    name: "docker",
    endpoint: {
      transport: "unix",
      path: join(runtimeFolder, "docker.sock"),
      fileMode: 0o660,
      ...(gid === undefined ? {} : { gid }),
    },
    fdName: "docker",
    mode: "auto",
    policies: ["baseline"],
    unknownFields: "refuse",
    identity: defaultIdentity.unix,
    pins: [],
  };
}
