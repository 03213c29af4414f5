// An engine of a newer Debian suite, as real as the machine's own: its own root, network, processes and mounts.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ownNamespaces, removeCgroups, type TestEngine } from "./engine.ts";
import { request } from "./http.ts";
import { textAt } from "./json.ts";
import { type EngineSuite, newerSuite } from "./newer-suite.ts";

export type NewerEngineOptions = {
  /** The test's own network: registries on loopback are the same for the engine and the test. */
  readonly sharesNetwork?: boolean;
  /** Docker's daemon.json. */
  readonly settings?: object;
  /** Podman: a registry without TLS. Docker believes every one on loopback. */
  readonly insecureRegistry?: string;
};

/** @param args more arguments for the engine @returns the reason instead, when the suite cannot be had */
export async function startNewerEngine(
  name: EngineSuite,
  args: readonly string[] = [],
  { sharesNetwork = false, settings = {}, insecureRegistry = "" }: NewerEngineOptions = {},
): Promise<TestEngine | { readonly why: string }> {
  const suite = await newerSuite(name);
  if ("why" in suite) return suite;
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-engine-"));
  const cgroup = `plimsoll-test-${folder.slice(-6)}`;
  const socket = join(folder, "docker.sock");
  const logFile = join(folder, "log");
  await writeFile(join(folder, "daemon.json"), JSON.stringify(settings));
  const registries = join(folder, "registries.conf");
  await writeFile(
    registries,
    `[[registry]]\nlocation = "${insecureRegistry || "registry.invalid"}"\ninsecure = true\n`,
  );
  const run: { child?: ChildProcess } = {};
  const start = async (): Promise<void> => {
    const log = openSync(logFile, "a");
    const inRoot = ["python3", join(import.meta.dirname, "in-root.py"), suite.root, folder];
    const command = [...engineCommands[name](folder, socket, cgroup), ...args];
    const namespaces = ownNamespaces.filter((flag) => !(sharesNetwork && flag === "--net"));
    const [program = "", ...words] = [...namespaces, ...inRoot, ...command];
    run.child = spawn(program, words, { stdio: ["ignore", log, log], env: environment(name, registries) });
    closeSync(log);
    await untilReady(run.child, socket, logFile);
    if (!sharesNetwork) spawnSync("nsenter", [`--net=/proc/${run.child.pid}/ns/net`, "ip", "link", "set", "lo", "up"]);
  };
  const kill = async (): Promise<void> => {
    if (run.child === undefined || run.child.exitCode !== null || run.child.signalCode !== null) return;
    const ended = once(run.child, "exit");
    run.child.kill("SIGKILL");
    await ended;
    await sleep(200);
  };
  const close = async (): Promise<void> => {
    await kill();
    await removeCgroups(cgroup);
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await start();
    const version = (await request(socket, "GET", "/version")).json;
    const netns = (): string => `/proc/${run.child?.pid ?? 0}/ns/net`;
    return {
      socket,
      version: textAt(version, "Version"),
      apiVersion: textAt(version, "ApiVersion"),
      folder,
      netns,
      inNetwork: () => ["nsenter", `--net=${netns()}`],
      kill,
      start,
      log: () => readFile(logFile, "utf8"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment(name: EngineSuite, registries: string): NodeJS.ProcessEnv {
  const path = { PATH: process.env["PATH"] ?? "" };
  return name === "podman" ? { ...path, CONTAINERS_REGISTRIES_CONF: registries } : path;
}

const engineCommands: Readonly<
  Record<EngineSuite, (folder: string, socket: string, cgroup: string) => readonly string[]>
> = {
  docker: (folder, socket, cgroup) => [
    "dockerd",
    `--config-file=${join(folder, "daemon.json")}`,
    `--host=unix://${socket}`,
    `--data-root=${join(folder, "data")}`,
    `--exec-root=${join(folder, "exec")}`,
    `--pidfile=${join(folder, "pid")}`,
    `--cgroup-parent=/${cgroup}`,
    "--exec-opt=native.cgroupdriver=cgroupfs",
  ],
  podman: (folder, socket) => [
    "podman",
    `--root=${join(folder, "data")}`,
    `--runroot=${join(folder, "exec")}`,
    `--tmpdir=${join(folder, "tmp")}`,
    "--cgroup-manager=cgroupfs",
    "--runtime=runc", // crun refuses hosts with both versions of cgroups
    "--events-backend=file",
    "system",
    "service",
    "--time=0",
    `unix://${socket}`,
  ],
};

async function untilReady(child: ChildProcess, socket: string, logFile: string): Promise<void> {
  // Only a machine with much else to do needs so long.
  const end = Date.now() + 180_000;
  while (Date.now() < end && child.exitCode === null) {
    const reply = await request(socket, "GET", "/_ping").catch(() => undefined);
    if (reply?.status === 200) return;
    await sleep(100);
  }
  const log = await readFile(logFile, "utf8");
  throw new Error(`the engine did not answer; it said:\n${log.split("\n").slice(-15).join("\n")}`);
}
