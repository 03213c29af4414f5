// A real dockerd for one test file: own data, own network, own processes, own mounts, gone without a trace on close.
// unshare(1) puts it into new pid, mount and network namespaces; when its first process dies the kernel ends the
// containers, shims and mounts with it. setpriv(1) kills it even when the test itself is killed.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { mkdtemp, readdir, readFile, readlink, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accepts, request } from "./http.ts";
import { textAt } from "./json.ts";

export type EngineOptions = {
  /** Bridge network and firewall rules (inside the engine's own network namespace). Default: neither. */
  readonly network?: boolean;
  /** The machine's own network, without bridge: registries on loopback are the same for the engine and the test. */
  readonly sharesNetwork?: boolean;
  /** More arguments for dockerd. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
  /** What the engine sees of control groups: version 1 alone, version 2 alone, or (default) what this host has. */
  readonly cgroups?: "1" | "2";
  /** Docker's daemon.json. */
  readonly settings?: object;
};

export type RestartOptions = {
  /** Further arguments for this start. */
  readonly args?: readonly string[];
  /** `listens`: the socket takes connections, though calls may wait for something else. Default: `answers`. */
  readonly until?: "answers" | "listens";
};

export type TestEngine = {
  /** Path of the engine's own socket. */
  readonly socket: string;
  /** `20.10.24+dfsg1` */
  readonly version: string;
  readonly apiVersion: string;
  /** Scratch folder of this engine; removed on close. */
  readonly folder: string;
  /** Path of the network namespace, for nsenter. */
  readonly netns: () => string;
  /** Puts a command into the engine's network namespace: `[...engine.inNetwork(), "curl", ...]`. */
  readonly inNetwork: () => readonly string[];
  /** SIGKILL, with everything that runs in it; the data stays. */
  readonly kill: () => Promise<void>;
  /** Starts again on the same data and socket, after kill(). */
  readonly start: (again?: RestartOptions) => Promise<void>;
  readonly log: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Why no engine can be started here; undefined when one can. For `test(name, { skip: whyNoEngine() }, ...)`. */
export function whyNoEngine(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root to start a container engine";
  const missing = ["dockerd", "containerd", "runc", "unshare", "setpriv", "nsenter", "ip"].find(
    (name) => !onPath(name),
  );
  return missing === undefined ? undefined : `needs the program ${missing}`;
}

/** @throws Error with the engine's last words when it does not come up */
export async function startEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const why = whyNoEngine();
  if (why !== undefined) throw new Error(`cannot start an engine: ${why}`);
  const folder = await makeEngineFolder();
  const run = new EngineRun(folder, options);
  try {
    await run.start();
    const version = (await request(run.socket, "GET", "/version")).json;
    return {
      socket: run.socket,
      version: textAt(version, "Version"),
      apiVersion: textAt(version, "ApiVersion"),
      folder,
      netns: () => `/proc/${run.pid}/ns/net`,
      inNetwork: () => ["nsenter", `--net=/proc/${run.pid}/ns/net`],
      kill: () => run.kill(),
      start: (again) => run.start(again),
      log: () => readFile(run.logFile, "utf8"),
      close: () => run.close(),
    };
  } catch (error) {
    await run.close();
    throw error;
  }
}

const prefix = "plimsoll-engine-";

/** Of an engine, which is found and removed by the next one when this test is killed: the folder, and `engineGroup` of it. */
export async function makeEngineFolder(): Promise<string> {
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(folder, "owner"), String(process.pid));
  return folder;
}

/** Name of its control group. */
export function engineGroup(folder: string): string {
  return `plimsoll-test-${folder.slice(-6)}`;
}

/** What tests that were killed left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, "owner"), "utf8").catch(() => "");
    if (owner === "" || (await readlink(`/proc/${owner}/exe`).catch(() => undefined)) !== undefined) continue;
    await removeCgroups(engineGroup(folder));
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

class EngineRun {
  readonly socket: string;
  readonly logFile: string;
  readonly #folder: string;
  readonly #options: EngineOptions;
  readonly #cgroup: string;
  #child: ChildProcess | undefined;

  constructor(folder: string, options: EngineOptions) {
    this.#folder = folder;
    this.#options = options;
    this.socket = join(folder, "docker.sock");
    this.logFile = join(folder, "log");
    this.#cgroup = engineGroup(folder);
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("the engine is not running");
    return pid;
  }

  async start(again: RestartOptions = {}): Promise<void> {
    await writeFile(join(this.#folder, "daemon.json"), JSON.stringify(this.#options.settings ?? {}));
    // Numbers of processes begin anew in the next namespace: some other process may have those by now.
    await rm(join(this.#folder, "pid"), { force: true });
    await rm(join(this.#folder, "exec/containerd/containerd.pid"), { force: true });
    await rm(this.socket, { force: true });
    const log = openSync(this.logFile, "a");
    const namespaces =
      this.#options.sharesNetwork === true ? ownNamespaces.filter((flag) => flag !== "--net") : ownNamespaces;
    const seen = inCgroups(this.#options.cgroups);
    const [program = "", ...args] = [...namespaces, ...seen, ...this.#dockerd(), ...(again.args ?? [])];
    const child = spawn(program, args, {
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"], ...this.#options.environment },
    });
    closeSync(log);
    this.#child = child;
    await this.#ready(child, again.until ?? "answers");
    if (this.#options.sharesNetwork === true) return;
    spawnSync("nsenter", [`--net=/proc/${this.pid}/ns/net`, "ip", "link", "set", "lo", "up"]);
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await endNamespaces(this.#child);
  }

  async close(): Promise<void> {
    await this.kill();
    await removeCgroups(this.#cgroup);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #dockerd(): readonly string[] {
    const network = this.#options.network === true ? [] : ["--bridge=none", "--iptables=false", "--ip6tables=false"];
    return [
      "dockerd",
      `--config-file=${join(this.#folder, "daemon.json")}`,
      `--host=unix://${this.socket}`,
      `--data-root=${join(this.#folder, "data")}`,
      `--exec-root=${join(this.#folder, "exec")}`,
      `--pidfile=${join(this.#folder, "pid")}`,
      `--cgroup-parent=/${this.#cgroup}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      ...network,
      ...(this.#options.args ?? []),
    ];
  }

  async #ready(child: ChildProcess, until: "answers" | "listens"): Promise<void> {
    const end = Date.now() + (this.#options.startTimeoutMs ?? 120_000);
    while (Date.now() < end && child.exitCode === null) {
      if (until === "listens" && (await accepts(this.socket))) return;
      const reply =
        until === "listens" ? undefined : await request(this.socket, "GET", "/_ping").catch(() => undefined);
      if (reply?.status === 200) return;
      await sleep(50);
    }
    const log = await readFile(this.logFile, "utf8");
    throw new Error(`dockerd did not answer; it said:\n${log.split("\n").slice(-15).join("\n")}`);
  }
}

/** A program and what is started from it die together, and touch nothing outside. */
export const ownNamespaces: readonly string[] = [
  "setpriv",
  "--pdeathsig=KILL",
  "unshare",
  "--mount",
  "--net",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
  "--propagation=private",
];

/**
 * Puts a command that has mounts of its own before other control groups than the host's. A host of both versions can be seen
 * as either: version 2 is one hierarchy wherever it is mounted, and without it what is left is version 1.
 */
export function inCgroups(version: "1" | "2" | undefined): readonly string[] {
  if (version === undefined) return [];
  const isolate = "mount --make-rprivate /";
  const mounts =
    version === "2"
      ? "mount -t cgroup2 cgroup2 /sys/fs/cgroup"
      : "for m in $(grep ' - cgroup2 ' /proc/self/mountinfo | cut -d' ' -f5); do umount $m; done";
  return ["sh", "-c", `${isolate} && ${mounts} && exec "$@"`, "sh"];
}

/** @param child what was started by `ownNamespaces`, and has not been waited for */
export async function endNamespaces(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const first = await firstChild(child.pid);
  if (first !== undefined) signal(first);
  child.kill("SIGKILL");
  await ended;
  if (first !== undefined) await gone(first);
}

function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}

/** The first process of the pid namespace, whose end is the end of all others in it. */
export async function firstChild(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const first = Number.parseInt(children, 10);
  return Number.isNaN(first) ? undefined : first;
}

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself
  }
}

async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const alive = await readlink(`/proc/${pid}/exe`).catch(() => undefined);
    if (alive === undefined) return;
    await sleep(25);
  }
}

/** Removes what the engine left of a control group, in every hierarchy: version 1, hybrid and 2. */
export async function removeCgroups(name: string): Promise<void> {
  const root = "/sys/fs/cgroup";
  const hierarchies = await readdir(root, { withFileTypes: true }).catch(() => []);
  const tops = [root, ...hierarchies.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name))];
  // Processes of the group may take a moment to be gone.
  for (let tries = 0; tries < 40; tries++) {
    const left = await Promise.all(tops.map((top) => removeTree(join(top, name))));
    if (left.every((isGone) => isGone)) return;
    await sleep(50);
  }
}

/** @returns whether it is gone */
async function removeTree(folder: string): Promise<boolean> {
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (inside === undefined) return true;
  for (const entry of inside) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  return await rmdir(folder).then(
    () => true,
    () => false,
  );
}
