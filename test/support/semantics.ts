// What tests of the gate's middle need: callers, calls by method and path, and a ledger in memory.

import { matchRoute } from "../../src/engine/routes.ts";
import type { Call, KnownFacts, ListenerProfile, PinnedCall, Reference } from "../../src/gate/call.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { OwnershipLedger } from "../../src/model/ledger.ts";
import type { Principal } from "../../src/model/principal.ts";

export function caller(name: string): Principal {
  return { id: `unix:${name}`, kind: "unix", name, groups: [], owner: `unix:${name}`, provider: "unix-peer" };
}

export const enforcing: ListenerProfile = {
  name: "default",
  transport: "unix",
  mode: "enforce",
  unknownFields: "refuse",
  policies: ["baseline"],
  identity: ["unix-peer"],
};

/** @param path without version; a query is taken apart, single values only */
export function callOf(method: string, path: string, body?: JsonObject): Call {
  const url = new URL(path, "http://engine");
  const matched = matchRoute(
    method,
    url.pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent),
  );
  if (matched === undefined) throw new Error(`no route for ${method} ${path}`);
  return {
    route: matched.route,
    apiVersion: "1.41",
    params: matched.params,
    query: Object.fromEntries([...url.searchParams.keys()].map((key) => [key, url.searchParams.getAll(key)])),
    body: body === undefined ? { kind: "none" } : { kind: "json", value: body },
    headers: {},
  };
}

export const nothingKnown: KnownFacts = {
  imageUser: "",
  imageId: "",
  imageDeclaresVolumes: false,
  realPaths: {},
  volumeOptions: {},
  containerUser: "",
  protectedPaths: ["/run/docker.sock", "/var/lib/docker"],
};

export function pinnedCall(
  call: Call,
  known: Partial<KnownFacts> = {},
  references: readonly Reference[] = [],
): PinnedCall {
  const resource = { type: call.route.resource, id: "", name: "", owner: "", isShared: true };
  return { call, resource, references, known: { ...nothingKnown, ...known } };
}

export function memoryLedger(): OwnershipLedger {
  const owners = new Map<string, readonly string[]>();
  const of = (kind: string, id: string): readonly string[] => owners.get(`${kind} ${id}`) ?? [];
  return {
    owners: of,
    ids: (kind) =>
      [...owners]
        .filter(([key, those]) => key.startsWith(`${kind} `) && those.length > 0)
        .map(([key]) => key.slice(kind.length + 1)),
    claim: (kind, id, owner) => void owners.set(`${kind} ${id}`, [...new Set([...of(kind, id), owner])]),
    release: (kind, id, owner) =>
      void owners.set(`${kind} ${id}`, owner === undefined ? [] : of(kind, id).filter((one) => one !== owner)),
  };
}
