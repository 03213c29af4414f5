// The few headers that mean something: framing and type of the body, credentials for registries, BuildKit's session.
// Everything else stops at the gate.

import type { Route } from "../../engine/route.ts";
import type { RequestHead } from "../call.ts";
import { refused } from "./refused.ts";
import { canonicalRegistryHeader } from "./registry-header.ts";

export type BodyHead = {
  /** Lower case, without parameters; "" when there is none. */
  readonly mediaType: string;
  /** Bytes announced; undefined when the body is chunked. */
  readonly length: number | undefined;
  /** Content-Encoding other than identity. No engine looks at it: archives are recognized by their first bytes. */
  readonly isEncoded: boolean;
};

const registryAuthRoutes: ReadonlySet<string> = new Set([
  "ImageCreate",
  "ImagePush",
  "ImageSearch",
  "DistributionInspect",
  "GetPluginPrivileges",
  "PluginPull",
  "PluginUpgrade",
  "PluginPush",
  "ServiceCreate",
  "ServiceUpdate",
]);

/** @throws Refusal on a header that stands twice */
export function indexHeaders(head: RequestHead): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < head.rawHeaders.length; at += 2) {
    const name = (head.rawHeaders[at] ?? "").toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [head.rawHeaders[at + 1] ?? ""]);
    else values.push(head.rawHeaders[at + 1] ?? "");
  }
  for (const name of singleHeaders) {
    if ((headers.get(name)?.length ?? 0) > 1) throw badHeader(name, "stands twice", "send it once");
  }
  return headers;
}

const singleHeaders = [
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "upgrade",
  "x-registry-auth",
  "x-registry-config",
  "user-agent",
] as const;

/** @throws Refusal when the body is framed in a way that readers differ on */
export function readBodyHead(headers: ReadonlyMap<string, readonly string[]>): BodyHead {
  const transfer = headers.get("transfer-encoding")?.[0];
  if (transfer !== undefined && transfer.trim().toLowerCase() !== "chunked") {
    throw badHeader("transfer-encoding", "expected chunked", "send the body chunked or with its length");
  }
  const length = headers.get("content-length")?.[0];
  if (length !== undefined && (transfer !== undefined || !/^\d{1,15}$/.test(length))) {
    throw badHeader("content-length", "expected one decimal length, and no other framing", "send one Content-Length");
  }
  const encoding = headers.get("content-encoding")?.[0]?.trim().toLowerCase() ?? "";
  const mediaType = (headers.get("content-type")?.[0] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  return {
    mediaType,
    length: transfer === undefined ? Number(length ?? 0) : undefined,
    isEncoded: encoding !== "" && encoding !== "identity",
  };
}

/** The caller's headers that the engine gets. @throws Refusal */
export function keptHeaders(
  route: Route,
  headers: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<string, string | readonly string[]>> {
  const kept: Record<string, string | readonly string[]> = {};
  const agent = headers.get("user-agent")?.[0];
  if (agent !== undefined && /^[\x20-\x7e]{1,512}$/.test(agent)) kept["user-agent"] = agent;
  const auth = headers.get("x-registry-auth")?.[0];
  if (auth !== undefined && auth !== "" && registryAuthRoutes.has(route.id)) {
    kept["x-registry-auth"] = canonicalRegistryHeader("x-registry-auth", auth);
  }
  const config = headers.get("x-registry-config")?.[0];
  if (config !== undefined && config !== "" && route.id === "ImageBuild") {
    kept["x-registry-config"] = canonicalRegistryHeader("x-registry-config", config);
  }
  const type = headers.get("content-type")?.[0];
  if (route.surface === "libpod" && type !== undefined && /^[\x20-\x7e]{1,512}$/.test(type))
    kept["content-type"] = type;
  return route.action === "system.session" ? { ...kept, ...sessionHeaders(headers) } : kept;
}

/** Source: moby/buildkit, session/session.go and session/manager.go. */
function sessionHeaders(
  headers: ReadonlyMap<string, readonly string[]>,
): Readonly<Record<string, string | readonly string[]>> {
  const names = ["uuid", "name", "sharedkey", "grpc-method"].map((name) => `x-docker-expose-session-${name}`);
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = headers.get(name)?.filter((value) => /^[\x20-\x7e]{1,1024}$/.test(value));
      return values === undefined || values.length === 0 ? [] : [[name, values] as const];
    }),
  );
}

function badHeader(name: string, what: string, hint: string): Error {
  return refused({ slug: "header", reason: `header ${name}: ${what}`, hint });
}
