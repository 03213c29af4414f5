// The engine itself, BuildKit's doors, its debug pages, and Podman's own surface.
// Source: moby/moby, daemon/server/router/{system,session,grpc,debug}/; containers/podman, pkg/api/server.

import type { Meaning, UndescribedRoute } from "../meaning.ts";
import { json } from "../meaning.ts";

const engine = { resource: "Engine" } as const;

export const systemMeanings: Readonly<Record<string, Meaning>> = {
  SystemAuth: { ...engine, action: "system.auth", body: json("SystemAuth") },
  SystemInfo: { ...engine, action: "system.info" },
  SystemVersion: { ...engine, action: "system.version" },
  SystemPing: { ...engine, action: "system.ping", response: "bytes" },
  SystemPingHead: { ...engine, action: "system.ping", response: "empty" },
  SystemEvents: { ...engine, action: "system.events", response: "stream" },
  SystemDataUsage: { ...engine, action: "system.df" },
  Session: { ...engine, action: "system.session", response: "hijack" },
};

const debug = { ...engine, method: "GET", action: "system.debug", response: "bytes" } as const;

export const undescribedSystemRoutes: readonly UndescribedRoute[] = [
  { ...engine, id: "Grpc", method: "POST", path: "/grpc", action: "system.grpc", response: "hijack", query: {} },
  {
    resource: "Image",
    id: "BuildCancel",
    method: "POST",
    path: "/build/cancel",
    action: "image.build.cancel",
    response: "empty",
    query: { id: "string" },
  },
  { ...debug, id: "DebugVars", path: "/debug/vars", query: {} },
  { ...debug, id: "DebugIndex", path: "/debug/pprof", query: {} },
  {
    ...debug,
    id: "DebugProfile",
    path: "/debug/pprof/{profile}",
    query: { seconds: "string", debug: "integer", gc: "integer" },
  },
];

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE"] as const;

/** Podman's own API is one route: known by name, shut by default, never looked into. */
export const libpodRoutes: readonly UndescribedRoute[] = methods.map((method) => ({
  ...engine,
  id: "Libpod",
  method,
  path: "/libpod/{path}",
  action: "system.libpod",
  body: method === "GET" || method === "HEAD" ? { kind: "none" } : { kind: "text" },
  response: "stream",
  query: {},
}));
