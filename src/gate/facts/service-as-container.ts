// A service of a swarm, written as the container that each of its tasks will be.
// Source: Engine API reference, TaskSpec.ContainerSpec.

import { fieldAt, fieldsAt, isTrueAt, listAt, textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isJsonObject, objectIn } from "../references/edit-json.ts";

/** The same settings under the names that a create body has for them. */
export function serviceAsContainer(service: JsonObject): JsonObject {
  const task = objectIn(service, "TaskTemplate");
  const spec = objectIn(task, "ContainerSpec");
  const targets = [...listAt(service, "Networks"), ...listAt(task, "Networks")].map((item) => textAt(item, "Target"));
  return {
    ...present({ User: spec["User"], Image: spec["Image"] }),
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(targets.map((target) => [target, {}])) },
    HostConfig: { ...hostConfigOf(task, spec), ...pluginOf(task) },
  };
}

function hostConfigOf(task: JsonObject, spec: JsonObject): JsonObject {
  const limits = objectIn(objectIn(task, "Resources"), "Limits");
  return {
    ...present({
      Mounts: spec["Mounts"],
      CapAdd: spec["CapabilityAdd"],
      CapDrop: spec["CapabilityDrop"],
      Sysctls: spec["Sysctls"],
      Ulimits: spec["Ulimits"],
      ReadonlyRootfs: spec["ReadOnly"],
      GroupAdd: spec["Groups"],
      OomScoreAdj: spec["OomScoreAdj"],
      Memory: limits["MemoryBytes"],
      PidsLimit: limits["Pids"],
    }),
    LogConfig: { Type: textAt(task, "LogDriver", "Name") },
    SecurityOpt: securityOptions(fieldsAt(spec, "Privileges")),
  };
}

function securityOptions(privileges: unknown): readonly string[] {
  const options: string[] = [];
  if (isTrueAt(privileges, "SELinuxContext", "Disable")) options.push("label=disable");
  else if (fieldAt(privileges, "SELinuxContext")) options.push("label=custom");
  const seccomp = textAt(privileges, "Seccomp", "Mode");
  if (seccomp !== "" && seccomp !== "default") options.push(`seccomp=${seccomp}`);
  const apparmor = textAt(privileges, "AppArmor", "Mode");
  if (apparmor !== "" && apparmor !== "default") options.push("apparmor=unconfined");
  if (isTrueAt(privileges, "NoNewPrivileges")) options.push("no-new-privileges");
  if (fieldAt(privileges, "CredentialSpec")) options.push("credentialspec");
  return options;
}

/** A task may also install an engine plugin, which is root on the host. */
function pluginOf(task: JsonObject): JsonObject {
  const runtime = textAt(task, "Runtime");
  const isPlain = (runtime === "" || runtime === "container") && !isJsonObject(task["PluginSpec"]);
  return isPlain ? {} : { Privileged: true, Runtime: runtime === "" ? "plugin" : runtime };
}

function present(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const entries: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) entries.push([key, value]);
  return Object.fromEntries(entries);
}
