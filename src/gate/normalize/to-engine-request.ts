// A call -> what the engine is sent. Written from the call alone: no byte of the caller's head or JSON is copied.

import { encodeJson } from "../../base/json.ts";
import type { Call, EngineRequest } from "../call.ts";

const jsonHeaders = { "content-type": "application/json" } as const;
const streamHeaders = { "content-type": "application/x-tar" } as const;

export function toEngineRequest(call: Call): EngineRequest {
  const body = bodyOf(call);
  return {
    method: call.route.method,
    target: `${pathOf(call)}${queryOf(call)}`,
    headers: { ...typeOf(body), ...call.headers },
    body,
  };
}

function bodyOf(call: Call): EngineRequest["body"] {
  switch (call.body.kind) {
    case "none":
      return { kind: "none" };
    case "stream":
      return { kind: "stream" };
    default:
      return { kind: "bytes", bytes: encodeJson(call.body.value) };
  }
}

function typeOf(body: EngineRequest["body"]): Readonly<Record<string, string>> {
  if (body.kind === "none") return {};
  return body.kind === "bytes" ? jsonHeaders : streamHeaders;
}

/** Engines up to 20.10 have their debug pages without a version only. */
function pathOf(call: Call): string {
  const isVersioned = call.apiVersion !== "" && call.route.action !== "system.debug";
  const version = isVersioned ? `/v${call.apiVersion}` : "";
  const path = call.route.path.replace(/\{([^}]+)\}/g, (_, name: string) => escapeName(call.params[name] ?? ""));
  return `${version}${path}`;
}

/** Slashes stay: only image names, plugin names and Podman's paths hold any. */
function escapeName(name: string): string {
  return name.split("/").map(escapeSegment).join("/");
}

function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll("%3A", ":").replaceAll("%40", "@");
}

function queryOf(call: Call): string {
  const pairs = Object.entries(call.query).flatMap(([key, values]) =>
    values.map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
