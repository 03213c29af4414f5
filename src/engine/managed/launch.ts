// Starts the managed engine's process, or finds the one that an earlier plimsoll started.

import { spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { askEngine } from "../ask.ts";
import { startFailed } from "./failure.ts";
import { raiseFirewall } from "./firewall.ts";
import { parseHostBefore, readHost } from "./host-before.ts";
import { chooseNetwork, makeBridge } from "./network.ts";
import { checkPassable } from "./passable.ts";
import type { ManagedPaths } from "./paths.ts";
import { commandLine, isRunning } from "./process.ts";
import { searchPath } from "./run.ts";
import { daemonJson, type EngineSettings, engineFlags } from "./settings.ts";

const maxLogBytes = 20 * 1024 * 1024;
/** What systemd gives every service. */
const mostOpenFiles = 524_288;
const pingTimeoutMs = 5_000;

/** What dockerd may take over from our environment; nothing that starts with DOCKER_ could loosen it. */
const passedVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "LANG"];

/** The managed engine's process, when it runs. A number in a stale file that now belongs to somebody else is not it. */
export function runningPid(paths: ManagedPaths): number | undefined {
  const pid = Number.parseInt(readIfThere(paths.pidFile) ?? "", 10);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isRunning(pid)) return undefined;
  return commandLine(pid).includes(paths.configFile) ? pid : undefined;
}

/**
 * dockerd takes any living process - even a thread - with the number in an old file for the one it looks for, and waits
 * for it in vain.
 */
function removeStalePids(paths: ManagedPaths): void {
  if (runningPid(paths) === undefined) rmSync(paths.pidFile, { force: true });
  const containerd = Number.parseInt(readIfThere(paths.containerdPidFile) ?? "", 10);
  const isOurs = isRunning(containerd) && commandLine(containerd).some((word) => word.startsWith(paths.execRoot));
  if (!isOurs) rmSync(paths.containerdPidFile, { force: true });
}

/** Prepares folders and network and writes daemon.json. */
export async function prepareHost(
  paths: ManagedPaths,
  userNamespaces: boolean,
  log: (line: string) => void,
): Promise<void> {
  makeFolders(paths);
  if (userNamespaces) checkPassable(paths.stateFolder);
  const before = parseHostBefore(readIfThere(paths.hostBeforeFile));
  const network = await chooseNetwork(before?.network, log);
  const host = before === undefined ? await readHost(network) : { ...before, network };
  writeFileSync(paths.hostBeforeFile, `${JSON.stringify(host, null, 2)}\n`, { mode: 0o600 });
  await makeBridge(network);
  await raiseFirewall(network);
  writeSettings(paths, { network, userNamespaces, keepContainers: true });
}

export function writeSettings(paths: ManagedPaths, settings: Omit<EngineSettings, "maxOpenFiles">): void {
  writeFileSync(paths.configFile, settingsText(paths, settings), { mode: 0o600 });
}

export function settingsText(paths: ManagedPaths, settings: Omit<EngineSettings, "maxOpenFiles">): string {
  return daemonJson(paths, { ...settings, maxOpenFiles: Math.min(ownHardLimit(), mostOpenFiles) });
}

/** Source: proc(5), /proc/pid/limits: name, soft limit, hard limit, unit. */
function ownHardLimit(): number {
  const hard = /^Max open files +\d+ +(\d+)/m.exec(readIfThere("/proc/self/limits") ?? "")?.[1];
  return hard === undefined ? mostOpenFiles : Number(hard);
}

/**
 * In a session of its own: neither Ctrl-C in the terminal nor the end of the gate reaches the engine.
 * @throws PlimsollError ENGINE_START_FAILED
 */
export async function launch(program: string, paths: ManagedPaths, timeoutMs: number): Promise<number> {
  removeStalePids(paths);
  limitLog(paths.logFile);
  const log = openSync(paths.logFile, "a", 0o600);
  const logStart = fstatSync(log).size;
  try {
    const child = spawn(program, ["--config-file", paths.configFile, ...engineFlags], {
      cwd: "/",
      detached: true,
      env: cleanEnvironment(),
      stdio: ["ignore", log, log],
    });
    const spawned = await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("spawn", () => resolve(child.pid ?? 0));
    });
    child.unref();
    await waitUntilReady(spawned, paths, timeoutMs, logStart);
    return spawned;
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw startFailed(paths.logFile, logStart, errorText(thrown));
  } finally {
    closeSync(log);
  }
}

/** @param logStart bytes that the log had before */
export async function waitUntilReady(
  pid: number,
  paths: ManagedPaths,
  timeoutMs: number,
  logStart: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (!isRunning(pid)) throw startFailed(paths.logFile, logStart, "it stopped");
    if (await answers(paths.socket)) return;
    await sleep(100);
  }
  if (isRunning(pid)) process.kill(pid, "SIGTERM");
  throw startFailed(paths.logFile, logStart, `it did not answer within ${Math.round(timeoutMs / 1000)} s`);
}

/** Keeps one old file. A running engine appends to the file it opened, so the bytes are moved, not the file. */
export function limitLog(logFile: string): void {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) <= maxLogBytes) return;
  copyFileSync(logFile, `${logFile}.1`);
  truncateSync(logFile);
}

function makeFolders(paths: ManagedPaths): void {
  // With user namespaces, root in a container is nobody on the host, and still has to get to its files.
  mkdirSync(paths.stateFolder, { recursive: true, mode: 0o711 });
  mkdirSync(paths.privateFolder, { recursive: true, mode: 0o700 });
  const folder = lstatSync(paths.privateFolder);
  if (!folder.isDirectory() || folder.uid !== process.getuid?.()) {
    throw new PlimsollError("ENGINE_START_FAILED", `${paths.privateFolder}: expected a folder of this user's own`, {
      hint: `remove ${paths.privateFolder}: somebody else made it`,
    });
  }
  chmodSync(paths.privateFolder, 0o700);
}

async function answers(socket: string): Promise<boolean> {
  try {
    return (await askEngine(socket, "/_ping", pingTimeoutMs)).status === 200;
  } catch {
    return false;
  }
}

function cleanEnvironment(): Record<string, string> {
  const passed = passedVariables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), PATH: searchPath() };
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
