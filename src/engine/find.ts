// The engine that is on this host already: the one DOCKER_HOST names, else the first that answers on a usual socket.
// Source: docs.docker.com, "Docker CLI environment variables", DOCKER_HOST (unix://, tcp://, ssh://, npipe://, fd://).

import { realpathSync } from "node:fs";
import { PlimsollError } from "../base/errors.ts";
import { askEngine } from "./ask.ts";
import { describeEngine } from "./describe.ts";
import type { EngineDescription } from "./engine.ts";
import { engines } from "./engines.generated.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The gate says with this response header that it is a gate and no engine. */
export const gateHeader = "plimsoll-gate";

const pingTimeoutMs = 5_000;

/**
 * @param ownSockets where this gate will listen: a shell that used it before still has DOCKER_HOST set to it
 * @returns undefined when no engine is here; a socket of a gate is never taken for an engine
 * @throws PlimsollError CONFIG_INVALID when DOCKER_HOST names no unix socket, ENGINE_UNREACHABLE when nobody answers there,
 * PERMISSION_NEEDED when an engine is there but this user may not open its socket
 */
export async function findEngine(
  environment: Environment,
  ownSockets: readonly string[] = [],
): Promise<EngineDescription | undefined> {
  const named = namedSocket(environment["DOCKER_HOST"]);
  const isOwn = named !== undefined && (ownSockets.includes(named) || (await isGate(named)));
  if (named !== undefined && !isOwn) return await describeEngine(named);
  for (const socket of usualSockets(environment)) {
    const state = await tryPing(socket);
    if (state === "engine") return await describeEngine(socket);
    if (state instanceof PlimsollError) throw state;
  }
  return undefined;
}

/** @param dockerHost the variable as the user set it */
export function namedSocket(dockerHost: string | undefined): string | undefined {
  if (!dockerHost) return undefined;
  const path = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1];
  if (path !== undefined) return path;
  throw new PlimsollError(
    "CONFIG_INVALID",
    `DOCKER_HOST is '${dockerHost}', expected unix:///path: plimsoll guards an engine of its own host through a unix socket`,
    { hint: "unset DOCKER_HOST, or run plimsoll on the host of that engine" },
  );
}

/** Absolute paths without two names for one socket: /var/run is a link to /run. */
function usualSockets(environment: Environment): readonly string[] {
  const sockets = new Map<string, string>();
  for (const socket of engines.flatMap((kind) => kind.sockets(environment))) {
    const real = realPath(socket);
    if (real !== undefined && !sockets.has(real)) sockets.set(real, socket);
  }
  return [...sockets.values()];
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

async function isGate(socket: string): Promise<boolean> {
  return (await askEngine(socket, "/_ping", pingTimeoutMs)).headers[gateHeader] !== undefined;
}

/** A file nobody listens on is skipped; a socket that is closed to us is told, or a second engine would be started. */
async function tryPing(socket: string): Promise<"engine" | "gate" | "nobody" | PlimsollError> {
  try {
    return (await isGate(socket)) ? "gate" : "engine";
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "PERMISSION_NEEDED") return thrown;
    return "nobody";
  }
}
