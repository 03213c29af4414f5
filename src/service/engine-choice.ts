// The engine that this Plimsoll guards: the one that was there, or one of its own.

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { never, PlimsollError } from "../base/errors.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import { describeEngine } from "../engine/describe.ts";
import type { EngineDescription } from "../engine/engine.ts";
import { findEngine } from "../engine/find.ts";
import { type ManagedEngine, startManagedEngine } from "../engine/managed.ts";

export type GuardedEngine = {
  readonly description: EngineDescription;
  readonly isManaged: boolean;
  /** @param keep leaves a managed engine and its containers running */
  end(keep: boolean): Promise<void>;
};

/** @throws PlimsollError ENGINE_UNREACHABLE, ENGINE_START_FAILED, NEED_MISSING, PERMISSION_NEEDED */
export async function chooseEngine(
  configuration: Configuration,
  environment: Readonly<Record<string, string | undefined>>,
  notice: (text: string) => void,
): Promise<GuardedEngine> {
  const { engine } = configuration;
  switch (engine.kind) {
    case "socket":
      return found(await describeEngine(engine.path));
    case "managed":
      return managed(await startManaged(configuration, notice));
    case "auto": {
      const here = await findEngine(environment, ownSockets(configuration));
      return here === undefined ? managed(await startManaged(configuration, notice)) : found(here);
    }
    default:
      return never(engine);
  }
}

function ownSockets({ listeners }: Configuration): readonly string[] {
  return listeners.flatMap(({ endpoint }) => (endpoint.transport === "unix" ? [endpoint.path] : []));
}

function startManaged(configuration: Configuration, notice: (text: string) => void): Promise<ManagedEngine> {
  if (process.getuid?.() !== 0) {
    throw new PlimsollError("PERMISSION_NEEDED", "no container engine was found, and only root can start one", {
      hint: "run plimsoll as root, or point `engine` at the socket of your rootless engine",
    });
  }
  const { stateFolder, runtimeFolder, userNamespaces } = configuration;
  // Its files stay private; only passing through it is open to everybody, containers among them.
  if (userNamespaces) chmodSync(stateFolder, 0o711);
  const folders = { stateFolder: join(stateFolder, "engine"), runFolder: join(runtimeFolder, "engine") };
  return startManagedEngine({ ...folders, userNamespaces, log: notice });
}

function found(description: EngineDescription): GuardedEngine {
  return { description, isManaged: false, end: async () => undefined };
}

function managed(engine: ManagedEngine): GuardedEngine {
  return {
    description: engine.description,
    isManaged: true,
    end: async (keep) => (keep ? engine.release() : await engine.stop()),
  };
}
