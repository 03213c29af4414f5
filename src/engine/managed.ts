// An engine of Plimsoll's own: a hardened dockerd on a socket that only Plimsoll can open.
// It runs in a session of its own, so that neither the end of the gate nor its crash stops a container:
// the next plimsoll finds the process and its socket and takes them over.

import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../base/errors.ts";
import { describeEngine } from "./describe.ts";
import type { EngineDescription } from "./engine.ts";
import { parseHostBefore } from "./managed/host-before.ts";
import {
  launch,
  limitLog,
  prepareHost,
  readIfThere,
  runningPid,
  settingsText,
  waitUntilReady,
} from "./managed/launch.ts";
import { type ManagedPaths, managedPaths } from "./managed/paths.ts";
import { searchPath } from "./managed/run.ts";
import { stopEngine } from "./managed/stop.ts";
import { watchEngine } from "./managed/watch.ts";

export type ManagedEngineOptions = {
  /** Absolute; what must survive a reboot. */
  readonly stateFolder: string;
  /** Absolute and short (the path of a socket has at most 107 bytes); cleared at boot. */
  readonly runFolder: string;
  /** Gets one sentence for each thing an operator should know. */
  readonly log: (line: string) => void;
  /** Root in a container becomes an unprivileged user on the host; off unless asked for (docs/engines.md). */
  readonly userNamespaces?: boolean;
  readonly startTimeoutMs?: number;
  /** Absolute path of the dockerd to start; the first on PATH when absent. */
  readonly program?: string;
};

export interface ManagedEngine {
  readonly description: EngineDescription;
  /** It ran already: an earlier plimsoll started it. */
  readonly isAdopted: boolean;
  /** The engine's process now; another one after a restart. */
  readonly pid: number;
  /** Stops watching. The engine and its containers keep running. */
  release(): void;
  /** Stops the containers and the engine, and leaves nothing but the state folder. */
  stop(): Promise<void>;
}

/** @throws PlimsollError PERMISSION_NEEDED, NEED_MISSING, ENGINE_START_FAILED */
export async function startManagedEngine(options: ManagedEngineOptions): Promise<ManagedEngine> {
  const program = checkNeeds(options.program);
  const { log, startTimeoutMs = 60_000, userNamespaces = false } = options;
  const paths = managedPaths(options.stateFolder, options.runFolder);
  const start = async () => {
    await prepareHost(paths, userNamespaces, log);
    return await launch(program, paths, startTimeoutMs);
  };
  const running = runningPid(paths);
  if (running !== undefined) await takeOver(running, paths, userNamespaces, startTimeoutMs, log);
  const pid = running ?? (await firstStart(start, paths));
  const description = await describeEngine(paths.socket);
  const watch = watchEngine(pid, { restart: start, tend: () => limitLog(paths.logFile), log });
  return {
    description,
    isAdopted: running !== undefined,
    get pid() {
      return watch.pid;
    },
    release: () => watch.close(),
    async stop() {
      watch.close();
      await stopEngine(paths, runningPid(paths));
    },
  };
}

/** For `down` when no gate runs any more. @returns false when there was no engine to stop */
export async function stopManagedEngine(
  options: Pick<ManagedEngineOptions, "stateFolder" | "runFolder">,
): Promise<boolean> {
  const paths = managedPaths(options.stateFolder, options.runFolder);
  const pid = runningPid(paths);
  if (pid === undefined && readIfThere(paths.hostBeforeFile) === undefined) return false;
  await stopEngine(paths, pid);
  return pid !== undefined;
}

/** A start that fails leaves no bridge, rule or folder behind - unless containers of an earlier engine may still run. */
async function firstStart(start: () => Promise<number>, paths: ManagedPaths): Promise<number> {
  const mayHaveContainers = readIfThere(paths.hostBeforeFile) !== undefined;
  try {
    return await start();
  } catch (thrown) {
    if (!mayHaveContainers) await stopEngine(paths, runningPid(paths));
    throw thrown;
  }
}

async function takeOver(
  pid: number,
  paths: ManagedPaths,
  userNamespaces: boolean,
  timeoutMs: number,
  log: (line: string) => void,
): Promise<void> {
  await waitUntilReady(pid, paths, timeoutMs, 0);
  const network = parseHostBefore(readIfThere(paths.hostBeforeFile))?.network;
  if (network === undefined) return;
  const wanted = settingsText(paths, { network, userNamespaces, keepContainers: true });
  if (wanted !== readIfThere(paths.configFile))
    log("the engine runs with older settings: `plimsoll down` applies the new ones");
}

/** The program to start. */
function checkNeeds(wanted: string | undefined): string {
  if (process.platform !== "linux")
    throw missing("the managed engine needs Linux", "set DOCKER_HOST to the socket of an engine");
  if (process.getuid?.() !== 0) {
    throw new PlimsollError(
      "PERMISSION_NEEDED",
      "starting an engine needs root, and no engine was found that this user may use",
      {
        hint: "run plimsoll as root, or set DOCKER_HOST to the socket of your own engine",
      },
    );
  }
  const program = wanted === undefined ? findProgram("dockerd") : [wanted].find(isProgram);
  if (program !== undefined) return program;
  throw missing(
    "dockerd is not installed, and no engine was found",
    "run: apt-get install --no-install-recommends docker.io iptables",
  );
}

function missing(message: string, hint: string): PlimsollError {
  return new PlimsollError("NEED_MISSING", message, { hint });
}

function findProgram(name: string): string | undefined {
  const candidates = searchPath()
    .split(":")
    .map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
