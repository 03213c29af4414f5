// The fields of a create request that controls read and write. Source: Engine API v1.41, ContainerCreate.

import { isFields, textsAt } from "../base/reading.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Hardened } from "./control.ts";

export function hostConfigOf(request: JsonObject): JsonObject {
  const found = Object.hasOwn(request, "HostConfig") ? request["HostConfig"] : undefined;
  return isJsonObject(found) ? found : {};
}

export function withHostConfig(request: JsonObject, fields: JsonObject): JsonObject {
  return { ...request, HostConfig: { ...hostConfigOf(request), ...fields } };
}

export function unchanged(request: JsonObject): Hardened {
  return { request, changes: [] };
}

/** The security options of a kind, as the engine reads them: `seccomp=...` and the older `seccomp:...`. */
export function isOptionOf(kind: string, option: string): boolean {
  return option === kind || option.startsWith(`${kind}=`) || option.startsWith(`${kind}:`);
}

/** Replaces every option of a kind by those given. */
export function replaceOptions(request: JsonObject, kind: string, options: readonly string[]): JsonObject {
  const kept = textsAt(hostConfigOf(request), "SecurityOpt").filter((option) => !isOptionOf(kind, option));
  return withHostConfig(request, { SecurityOpt: [...kept, ...options] });
}

export function optionsOf(request: JsonObject, kind: string): readonly string[] {
  return textsAt(hostConfigOf(request), "SecurityOpt").filter((option) => isOptionOf(kind, option));
}

/** What came out when one control had its say. */
export function setOption(request: JsonObject, kind: string, option: string, change: string): Hardened {
  const found = optionsOf(request, kind);
  const isThere = found.length === 1 && found[0] === option;
  return {
    request: replaceOptions(request, kind, [option]),
    changes: isThere ? [] : [change],
    securityOptions: [option],
  };
}

function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isFields(value);
}
