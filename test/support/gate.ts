// Plimsoll itself, started as an operator would: the program with a configuration file, in front of a test's engine.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import type { AuditRecord } from "../../src/model/audit.ts";
import type { Mode } from "../../src/model/decision.ts";
import { readAudit } from "../../src/store/read-audit.ts";
import { accepts } from "./http.ts";

export type GateOptions = {
  /** Default: enforce. */
  readonly mode?: Mode;
  /** Default: baseline. Names of shipped sets, or files of this folder: see `files`. */
  readonly policies?: readonly string[];
  /** More keys of the one listener that is there without `listeners`: unknownFields, identity, owner... */
  readonly listener?: Readonly<Record<string, unknown>>;
  /** Whole listeners instead, as the configuration file has them. `$FOLDER` in texts is the gate's folder. */
  readonly listeners?: readonly Readonly<Record<string, unknown>>[];
  /** More keys of the configuration file: audit, limits, metrics. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Files to write before the start, name -> text; policies name them as `$FOLDER/name`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** As a daemon: no line for each decision. */
  readonly isQuiet?: boolean;
  /** Runs as this user, who has to be able to reach the engine. */
  readonly uid?: number;
};

export type TestGate = {
  /** The first unix listener; every user may connect. */
  readonly socket: string;
  readonly folder: string;
  readonly pid: () => number;
  /** Everything on record, oldest first. @param sinceMs only requests that began then or later */
  readonly recorded: (sinceMs?: number) => Promise<readonly AuditRecord[]>;
  /** Standard output and standard error. */
  readonly log: () => Promise<string>;
  /** SIGKILL; the state stays. */
  readonly kill: () => Promise<void>;
  /** Starts again after kill() or stop(), on the same state. */
  readonly start: () => Promise<void>;
  /** SIGTERM, and the end of the process. Resolves with its exit status. */
  readonly stop: () => Promise<number | null>;
  readonly close: () => Promise<void>;
};

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** @param engine whose `socket` the gate stands in front of */
export async function startGate(engine: { readonly socket: string }, options: GateOptions = {}): Promise<TestGate> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-gate-"));
  await chmod(folder, 0o755);
  const listeners = options.listeners ?? [oneListener(options)];
  const configuration = {
    engine: `unix://${engine.socket}`,
    state: join(folder, "state"),
    runtime: join(folder, "run"),
    listeners,
    // Most tests are not about what is in images, and reading one takes longer than they do.
    admission: { enabled: "no" },
    // Nor about what containers do, and loading programs into the kernel takes its time.
    watch: { enabled: "no" },
    ...options.configuration,
  };
  await writeFile(join(folder, "plimsoll.yaml"), stringify(configuration).replaceAll("$FOLDER", folder));
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const { uid } = options;
  if (uid !== undefined) await chown(folder, uid, uid);
  const sockets = listeners.flatMap((listener) => {
    const path = listener["unix"] ?? listener["authz-plugin"];
    return typeof path === "string" ? [path.replaceAll("$FOLDER", folder)] : [];
  });
  const run = new GateRun(folder, sockets, options);
  try {
    await run.start();
  } catch (error) {
    await run.close();
    throw error;
  }
  return {
    socket: sockets[0] ?? "",
    folder,
    pid: () => run.pid,
    recorded: (sinceMs) => records(String(configuration.state), sinceMs),
    log: () => readFile(run.logFile, "utf8"),
    kill: () => run.end("SIGKILL").then(() => undefined),
    start: () => run.start(),
    stop: () => run.end("SIGTERM"),
    close: () => run.close(),
  };
}

function oneListener(options: GateOptions): Readonly<Record<string, unknown>> {
  return {
    name: "docker",
    unix: "$FOLDER/docker.sock",
    fileMode: "0666",
    mode: options.mode ?? "enforce",
    policies: options.policies ?? ["baseline"],
    ...options.listener,
  };
}

/** What the journal had before is waited for: the database takes records from there many at a time. */
async function records(folder: string, sinceMs?: number): Promise<readonly AuditRecord[]> {
  const promised = promisedIds(folder);
  for (let tries = 0; ; tries += 1) {
    const all: AuditRecord[] = [];
    for await (const record of readAudit({ folder })) all.push(record);
    const stored = new Set(all.map(({ id }) => id));
    if (promised.every((id) => stored.has(id)) || tries === 200) {
      return all.filter(({ time }) => sinceMs === undefined || Date.parse(time) >= sinceMs);
    }
    await sleep(25);
  }
}

function promisedIds(folder: string): readonly string[] {
  const journal = join(folder, "journal");
  if (!existsSync(journal)) return [];
  const ended = readFileSync(journal, "utf8")
    .split("\n")
    .filter((line) => line.includes(',"status":'));
  return ended.flatMap((line) => /,"id":"([0-9A-Z]{26})","listener":/.exec(line)?.[1] ?? []);
}

class GateRun {
  readonly logFile: string;
  readonly #folder: string;
  readonly #sockets: readonly string[];
  readonly #options: GateOptions;
  #child: ChildProcess | undefined;

  constructor(folder: string, sockets: readonly string[], options: GateOptions) {
    this.#folder = folder;
    this.#sockets = sockets;
    this.#options = options;
    this.logFile = join(folder, "log");
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("the gate is not running");
    return pid;
  }

  async start(): Promise<void> {
    const log = openSync(this.logFile, "a");
    const up = [process.execPath, program, "up", "--config", join(this.#folder, "plimsoll.yaml")];
    if (this.#options.isQuiet === true) up.push("--quiet");
    const { uid } = this.#options;
    const as = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
    const child = spawn("setpriv", [...as, "--pdeathsig=KILL", ...up], {
      stdio: ["ignore", log, log],
      env: { ...process.env, NODE_NO_WARNINGS: "1", ...this.#options.environment },
    });
    closeSync(log);
    this.#child = child;
    await this.#ready(child);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    const deadline = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(deadline);
    return child.exitCode;
  }

  async close(): Promise<void> {
    await this.end("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  async #ready(child: ChildProcess): Promise<void> {
    // Only a machine with much else to do needs so long.
    const end = Date.now() + 120_000;
    while (Date.now() < end && child.exitCode === null) {
      const open = await Promise.all(this.#sockets.map(accepts));
      if (open.every(Boolean)) return;
      await sleep(50);
    }
    throw new Error(`plimsoll did not listen; it said:\n${await readFile(this.logFile, "utf8")}`);
  }
}
