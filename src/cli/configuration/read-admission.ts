// The key `admission` of the configuration file: who looks into images, with what, and how long a caller waits for it.

import type { AdmissionConfiguration } from "./configuration.ts";
import { defaultAdmission } from "./defaults.ts";
import { readPath } from "./read-listener.ts";
import { readChoice, readInteger, readKeys, readList, readText, type Setting, wrong } from "./setting.ts";

const keys = [
  ...(["enabled", "waitMs", "databasePath", "ruleFiles", "ignoreFiles", "vexFiles"] as const),
  ...(["clamdSocket", "trustFile", "insecureRegistries"] as const),
] as const;

/** @throws PlimsollError CONFIG_INVALID */
export function readAdmission(setting: Setting): AdmissionConfiguration {
  const found = readKeys(setting, keys);
  return {
    enabled: found.enabled === undefined ? defaultAdmission.enabled : readChoice(found.enabled, ["auto", "no"]),
    waitMs: found.waitMs === undefined ? defaultAdmission.waitMs : readInteger(found.waitMs, 0, 600_000),
    databasePath: found.databasePath === undefined ? "" : readPath(found.databasePath),
    ruleFiles: found.ruleFiles === undefined ? [] : readList(found.ruleFiles, readPath),
    ignoreFiles: found.ignoreFiles === undefined ? [] : readList(found.ignoreFiles, readPath),
    vexFiles: found.vexFiles === undefined ? [] : readList(found.vexFiles, readPath),
    clamdSocket: found.clamdSocket === undefined ? "" : readPath(found.clamdSocket),
    trustFile: found.trustFile === undefined ? "" : readPath(found.trustFile),
    insecureRegistries: found.insecureRegistries === undefined ? [] : readList(found.insecureRegistries, readHost),
  };
}

function readHost(setting: Setting): string {
  const host = readText(setting);
  if (!/^[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::\d{1,5})?$/.test(host))
    throw wrong(setting, "a registry, host:port");
  return host;
}
