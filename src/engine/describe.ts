// Who is behind a socket: kind, versions, and the folder that no container may see.

import { PlimsollError } from "../base/errors.ts";
import { textAt } from "../base/reading.ts";
import { askEngineJson } from "./ask.ts";
import type { EngineDescription } from "./engine.ts";
import { engines } from "./engines.generated.ts";

const timeoutMs = 10_000;

/**
 * @param socket absolute path
 * @throws PlimsollError ENGINE_UNREACHABLE, PERMISSION_NEEDED, ENGINE_REFUSED (also when the engine is of no known kind)
 */
export async function describeEngine(socket: string): Promise<EngineDescription> {
  const version = await askEngineJson(socket, "/version", timeoutMs);
  const kind = engines.find((each) => each.recognizes(version));
  if (!kind) throw unknownEngine(socket, "its answer to GET /version names no engine that plimsoll knows");
  const info = await askEngineJson(socket, "/info", timeoutMs);
  const description: EngineDescription = {
    kind: kind.name,
    socket,
    version: textAt(version, "Version"),
    apiVersion: textAt(version, "ApiVersion"),
    minApiVersion: textAt(version, "MinAPIVersion") || "1.24",
    os: textAt(version, "Os") || "linux",
    arch: textAt(version, "Arch"),
    dataRoot: textAt(info, "DockerRootDir"),
  };
  // The data root is what mounts are compared with: without it nothing could be denied.
  if (!description.dataRoot.startsWith("/"))
    throw unknownEngine(socket, "its answer to GET /info has no DockerRootDir");
  if (!/^\d+\.\d+$/.test(description.apiVersion)) {
    throw unknownEngine(socket, `its API version is '${description.apiVersion}', expected a number like 1.41`);
  }
  return description;
}

function unknownEngine(socket: string, what: string): PlimsollError {
  return new PlimsollError("ENGINE_REFUSED", `${socket}: ${what}`, {
    hint: `point DOCKER_HOST at the socket of one of: ${engines.map((kind) => kind.name).join(", ")}`,
  });
}
