// Where images of the engine are asked for: the configured socket, DOCKER_HOST, or the first usual one that is there. A gate's
// socket is as good as the engine's own.

import { existsSync } from "node:fs";
import { engines } from "../../engine/engines.generated.ts";
import { namedSocket } from "../../engine/find.ts";
import type { CommandContext } from "../command.ts";
import type { Configuration } from "../configuration/configuration.ts";

/** @returns "" when there is none @throws PlimsollError CONFIG_INVALID */
export function engineSocketOf({ environment }: CommandContext, configuration: Configuration): string {
  if (configuration.engine.kind === "socket") return configuration.engine.path;
  const named = namedSocket(environment["DOCKER_HOST"]);
  if (named !== undefined) return named;
  const usual = engines.flatMap((kind) => kind.sockets(environment));
  return usual.find((socket) => existsSync(socket)) ?? "";
}
