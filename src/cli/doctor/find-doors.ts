// Every way to an engine on this host: sockets that are listened on, and ports in the command lines of engines.
// Source: /proc/net/unix as in proc(5): flag 00010000 is a listening socket.

import { globSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { PlimsollError } from "../../base/errors.ts";
import { fieldAt, isFields, listAt, textAt } from "../../base/reading.ts";
import { askEngine, askEngineJson } from "../../engine/ask.ts";
import { engines } from "../../engine/engines.generated.ts";
import { gateHeader } from "../../engine/find.ts";
import { openAccounts } from "../../identity/accounts.ts";
import type { Door } from "./report.ts";
import { serverUid } from "./server-user.ts";
import { accessOf } from "./users-of.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type FoundDoors = {
  readonly doors: readonly Door[];
  /** Answers to GET /version of unguarded engines, without repetition. */
  readonly versions: readonly unknown[];
  readonly unknown: readonly string[];
};

const timeoutMs = 5_000;

export async function findDoors(environment: Environment): Promise<FoundDoors> {
  const looked = await Promise.all(listeningSockets(environment).map(lookAt));
  const ports = engineCommandLines().flatMap(tcpDoors);
  const versions = new Map(looked.flatMap(({ version }) => (version ? [[JSON.stringify(version), version]] : [])));
  return {
    doors: [...looked.flatMap(({ door }) => (door ? [door] : [])), ...ports],
    versions: [...versions.values()],
    unknown: looked.flatMap(({ unknown }) => (unknown ? [unknown] : [])),
  };
}

/** Usual places, DOCKER_HOST, and whatever listens under an engine's name. One name for one socket. */
function listeningSockets(environment: Environment): readonly string[] {
  const usual = engines.flatMap((engine) => engine.sockets(environment));
  const named = /^unix:\/\/(\/.+)$/.exec(environment["DOCKER_HOST"] ?? "")?.[1];
  const listening = readText("/proc/net/unix")
    .split("\n")
    .flatMap((line) => {
      const [, , , flags, , , , path] = line.trim().split(/\s+/);
      return flags === "00010000" && path?.startsWith("/") ? [path] : [];
    });
  const likely = listening.filter((path) => /(?:docker|podman)[^/]*\.sock$/.test(path));
  const asked = engineCommandLines().flatMap((words) =>
    hostsOf(words).flatMap((host) => host.match(/^unix:\/\/(\/.+)$/)?.[1] ?? []),
  );
  const candidates = [...(named ? [named] : []), ...usual, ...rootlessSockets(), ...likely, ...asked].map(realPath);
  return [...new Set(candidates)].filter(isSocket).sort();
}

/** Rootless engines listen in network namespaces of their own, where /proc/net/unix does not look. */
function rootlessSockets(): readonly string[] {
  return globSync(["/run/user/*/docker.sock", "/run/user/*/podman/podman.sock"]);
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

type Look = { readonly door?: Door; readonly version?: unknown; readonly unknown?: string };

async function lookAt(path: string): Promise<Look> {
  const access = accessOf(path);
  if (access === undefined) return { unknown: `${path}: cannot be looked at by this user` };
  try {
    const runsAs = openAccounts().userName(await serverUid(path));
    const users = access.users.filter((user) => user !== runsAs);
    const door = {
      address: path,
      kind: "unix" as const,
      engine: "",
      isGuarded: false,
      containers: [],
      ...access,
      runsAs,
      users,
    };
    const ping = await askEngine(path, "/_ping", timeoutMs);
    if (ping.headers[gateHeader] !== undefined) return { door: { ...door, engine: "plimsoll", isGuarded: true } };
    const version = await askEngineJson(path, "/version", timeoutMs);
    const kind = engines.find((engine) => engine.recognizes(version));
    if (kind === undefined) return {};
    const containers = await containersWith(path);
    return { door: { ...door, engine: describe(kind.name, version), containers }, version };
  } catch (thrown) {
    return explain(path, thrown);
  }
}

/** A file that nobody listens on, or that belongs to another kind of server, is no door. */
function explain(path: string, thrown: unknown): Look {
  if (!(thrown instanceof PlimsollError) || thrown.code === "ENGINE_REFUSED") return {};
  if (thrown.code === "PERMISSION_NEEDED") return { unknown: `${path}: this user may not open it` };
  const { cause } = thrown;
  const isDead = cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
  return isDead ? {} : { unknown: `${path}: does not answer` };
}

function describe(kind: string, version: unknown): string {
  const [from, to] = [textAt(version, "MinAPIVersion"), textAt(version, "ApiVersion")];
  return `${kind} ${textAt(version, "Version")}, API ${from === "" ? to : `${from}-${to}`}`;
}

/** Running containers that have the socket, or a folder above it, mounted. */
async function containersWith(path: string): Promise<readonly string[]> {
  const list = await askEngineJson(path, "/containers/json", timeoutMs);
  if (!Array.isArray(list)) return [];
  return list.filter((container) => mounts(container, path)).map((container) => nameOf(container));
}

function mounts(container: unknown, path: string): boolean {
  return listAt(container, "Mounts").some((mount) => {
    const source = textAt(mount, "Source");
    if (!isFields(mount) || source === "") return false;
    const real = realPath(source);
    return real === path || real === "/" || path.startsWith(`${real}/`);
  });
}

function nameOf(container: unknown): string {
  const name = fieldAt(container, "Names");
  const first: unknown = Array.isArray(name) ? name[0] : undefined;
  return typeof first === "string" ? first.replace(/^\//, "") : textAt(container, "Id").slice(0, 12);
}

/** `-H tcp://...` of a dockerd; without --tlsverify whoever reaches the port is root. */
function tcpDoors(words: readonly string[]): readonly Door[] {
  const verifies = words.some((word) => /^--tlsverify(?:=true|=1)?$/.test(word));
  return hostsOf(words)
    .filter((host) => host.startsWith("tcp://"))
    .map((host) => ({
      address: host,
      kind: "tcp" as const,
      engine: "docker",
      isGuarded: false,
      runsAs: "root",
      access: verifies ? "TLS with client certificates" : "no client certificate asked",
      users: verifies ? [] : ["whoever reaches the port"],
      containers: [],
    }));
}

/** Values of -H and --host in their three spellings. */
export function hostsOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === "-H" || word === "--host") return words[index + 1] ?? [];
    return /^(?:-H=?|--host=)(\S+)$/.exec(word)?.[1] ?? [];
  });
}

function engineCommandLines(): readonly (readonly string[])[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readText(`/proc/${pid}/cmdline`).split("\0"))
    .filter(([program = ""]) => /(?:^|\/)dockerd$/.test(program));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
