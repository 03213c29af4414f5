// Stops the managed engine for good: its containers first, then the engine, then what it left on the host.

import { setTimeout as sleep } from "node:timers/promises";
import { fieldAt, textAt } from "../../base/reading.ts";
import { askEngineJson } from "../ask.ts";
import { cleanUp } from "./clean-up.ts";
import { parseHostBefore } from "./host-before.ts";
import { readIfThere, writeSettings } from "./launch.ts";
import type { ManagedPaths } from "./paths.ts";
import { commandLine, isRunning, processesNamed } from "./process.ts";

const askTimeoutMs = 10_000;
const reloadTimeoutMs = 5_000;
/** dockerd gives containers 10 s after SIGTERM, then kills them. */
const stopTimeoutMs = 60_000;
const killTimeoutMs = 5_000;

/** @param pid absent: the engine is not running; only the host is put back */
export async function stopEngine(paths: ManagedPaths, pid: number | undefined): Promise<void> {
  const before = parseHostBefore(readIfThere(paths.hostBeforeFile));
  let bridges: readonly string[] = [];
  if (pid !== undefined) {
    bridges = await bridgesOfClients(paths.socket);
    if (before) await giveUpContainers(pid, paths, before.network);
    await endProcess(pid, stopTimeoutMs);
  }
  // Its containerd, and the keepers of containers that outlived a killed engine.
  for (const name of ["containerd", "containerd-shim"]) {
    const left = processesNamed(name).filter((each) =>
      commandLine(each).some((word) => word.startsWith(paths.execRoot)),
    );
    for (const each of left) await endProcess(each, killTimeoutMs);
  }
  await cleanUp(paths, before, bridges);
}

/**
 * With live-restore dockerd would leave its containers running. Without it, it stops them and remembers which ones
 * its next start has to bring back, as their restart policies say.
 */
async function giveUpContainers(
  pid: number,
  paths: ManagedPaths,
  network: Parameters<typeof writeSettings>[1]["network"],
): Promise<void> {
  const userNamespaces = (readIfThere(paths.configFile) ?? "").includes('"userns-remap"');
  writeSettings(paths, { network, userNamespaces, keepContainers: false });
  process.kill(pid, "SIGHUP");
  const deadline = performance.now() + reloadTimeoutMs;
  while (performance.now() < deadline) {
    const info = await askEngineJson(paths.socket, "/info", askTimeoutMs).catch(() => undefined);
    if (info === undefined || fieldAt(info, "LiveRestoreEnabled") === false) return;
    await sleep(50);
  }
}

/** Bridges of networks that clients made: dockerd leaves them on the host. */
async function bridgesOfClients(socket: string): Promise<readonly string[]> {
  const networks = await askEngineJson(socket, "/networks", askTimeoutMs).catch(() => []);
  if (!Array.isArray(networks)) return [];
  const bridges = networks.filter((network) => textAt(network, "Driver") === "bridge");
  return bridges.map((network) => {
    const named = textAt(network, "Options", "com.docker.network.bridge.name");
    return named || `br-${textAt(network, "Id").slice(0, 12)}`;
  });
}

async function endProcess(pid: number, timeoutMs: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!isRunning(pid)) return;
    process.kill(pid, signal);
    const deadline = performance.now() + timeoutMs;
    while (isRunning(pid) && performance.now() < deadline) await sleep(50);
  }
}
