// Engine plugins by digest: what is safe to ask an engine for, and what ends it.
// Source: moby/moby v20.10.24, plugin/fetch_linux.go, withFetchProgress (`ref.(reference.Tagged)`, a panic); mended by moby/moby#47299.

import type { EngineDescription } from "../../engine/engine.ts";
import type { Call } from "../call.ts";
import { Refusal } from "../refusal.ts";
import { queryText } from "./pin-images.ts";

/** From 26.0 on, and what 25.0 got of it; what else is called a version of Docker is not known to survive it. */
export function pullsPluginsByDigest({ kind, version }: EngineDescription): boolean {
  const [, major, minor, patch] = /^(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![\d.])/.exec(version)?.map(Number) ?? [];
  if (kind !== "docker" || major === undefined || minor === undefined || patch === undefined) return false;
  return major >= 26 || (major === 25 && minor === 0 && patch >= 3);
}

/** @throws Refusal for a plugin by digest, before an engine that would not survive it */
export function refuseDeadlyPlugin(call: Call, engine: EngineDescription): void {
  const { action } = call.route;
  if (action !== "plugin.pull" && action !== "plugin.upgrade") return;
  if (!queryText(call, "remote").includes("@") || pullsPluginsByDigest(engine)) return;
  throw new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/plugin-digest",
    reason: `a plugin that is asked for by digest ends an engine of version ${engine.version}`,
    hint: "name the plugin by its tag, or let the engine be Docker 26 or later",
  });
}
