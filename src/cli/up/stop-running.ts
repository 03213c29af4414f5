// Ends the running Plimsoll and waits for it; cleans up after one that could not.

import { existsSync, lstatSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../../base/errors.ts";
import { integerAt } from "../../base/reading.ts";
import { stopManagedEngine } from "../../engine/managed.ts";
import { removePins } from "../../watch/service/pin-folder.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { askIfRunning } from "../control/ask.ts";
import { controlSocket, pidFile } from "../control/protocol.ts";
import { watchSocket } from "../watch/watch-socket.ts";
import { socketProxyFile } from "./socket-proxy.ts";

/** A managed engine stops its containers one after the other. */
const stopTimeoutMs = 120_000;
const pollMs = 50;

/** @returns its pid, or undefined when none ran. @throws PlimsollError NOT_RUNNING when it does not end */
export async function stopRunning(configuration: Configuration, keepEngine: boolean): Promise<number | undefined> {
  const ask = keepEngine ? "stop-gate" : "stop";
  const answer = await askIfRunning(configuration.runtimeFolder, { ask });
  if (answer === undefined) return undefined;
  const pid = integerAt(answer, "pid");
  const end = Date.now() + stopTimeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > end) throw stuck(pid);
    await sleep(pollMs);
  }
  return pid;
}

/** What a killed Plimsoll could not take away itself. Sockets that somebody serves stay. @returns what it was */
export async function takeAwayLeftovers(configuration: Configuration, keepEngine: boolean): Promise<readonly string[]> {
  const { runtimeFolder, stateFolder, listeners } = configuration;
  const removed: string[] = [];
  const sockets = listeners.flatMap(({ endpoint }) => (endpoint.transport === "tls" ? [] : [endpoint.path]));
  for (const path of [controlSocket(runtimeFolder), watchSocket(runtimeFolder), ...sockets]) {
    if (isSocket(path) && (await isUnserved(path))) removed.push(remove(path));
  }
  for (const path of [pidFile(runtimeFolder), join(runtimeFolder, socketProxyFile)]) {
    if (existsSync(path)) removed.push(remove(path));
  }
  if (process.getuid?.() === 0 && removePins(stateFolder)) removed.push("what the kernel enforced");
  if (keepEngine || process.getuid?.() !== 0) return removed;
  const engine = { stateFolder: join(stateFolder, "engine"), runFolder: join(runtimeFolder, "engine") };
  if (await stopManagedEngine(engine)) removed.push("the managed engine");
  return removed;
}

/** A process that has ended but that nobody waited for counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function isUnserved(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (cause) => resolve("code" in cause && cause.code === "ECONNREFUSED"));
  });
}

function remove(path: string): string {
  rmSync(path, { force: true });
  return path;
}

function stuck(pid: number): PlimsollError {
  return new PlimsollError("ALREADY_RUNNING", `plimsoll (pid ${pid}) did not end within ${stopTimeoutMs / 1000} s`, {
    hint: `look at its log; kill -9 ${pid} and plimsoll down again end it without waiting`,
  });
}
