// Plays attacks in containers: one container for each setup, one process for each attack, and what each of them reports.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { boolean, decode, number, object, string } from "../../../src/base/schema.ts";
import type { TestEngine } from "../engine.ts";
import { request } from "../http.ts";
import { textAt } from "../json.ts";
import { buildTester, testerImage } from "../testers.ts";
import { here, type Setup, type WatchAttack } from "./attack-table.ts";

/** One line of the tester program. */
export type Report = {
  readonly action: string;
  /** It had its effect. */
  readonly ok: boolean;
  readonly errno: number;
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
};

export type Played = {
  readonly containerId: string;
  /** By the attack's name; one that is missing did not report. */
  readonly reports: ReadonlyMap<string, Report>;
  /** Files below the protected folder at the end. */
  readonly scratch: string;
};

export type PlayOptions = {
  readonly engine: TestEngine;
  readonly setup: Setup;
  readonly attacks: readonly WatchAttack[];
  /** Before the container starts, when its id is known. */
  readonly beforeStart?: (containerId: string, scratch: string) => void | Promise<void>;
};

const patience = { timeoutMs: 240_000 };
/** For all attacks of a container, one after the other. */
const wholeMs = 900_000;

/** The container is gone afterwards, and its files on the host too. */
export async function playAttacks(options: PlayOptions): Promise<Played> {
  const scratch = await mkdtemp(join(tmpdir(), "plimsoll-watch-"));
  const ids: string[] = [];
  const hostSide = await startHostSide(options.engine, scratch);
  try {
    const victim = options.setup.hasVictim ? await startVictim(options.engine) : undefined;
    if (victim !== undefined) ids.push(victim);
    const names = { SCRATCH: scratch, VICTIM: victim ?? "", MODULE: moduleFile() };
    const containerId = await create(options.engine, {
      Image: testerImage,
      Cmd: ["/testers/tester", "act", ...words(options.attacks)],
      Env: [`PATIENCE=${patienceOf(options)}`],
      HostConfig: { NetworkMode: "none", ...filled(options.setup.hostConfig, names) },
    });
    ids.push(containerId);
    await options.beforeStart?.(containerId, scratch);
    const output = await runToEnd(options.engine, containerId);
    return { containerId, reports: toReports(output, options.attacks), scratch };
  } finally {
    for (const id of ids) await request(options.engine.socket, "DELETE", `/containers/${id}?force=1`, patience);
    await ended(hostSide);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** How many times longer than on an idle machine a program waits for being looked into. In the emulated guest one starts within a second. */
function patienceOf({ beforeStart }: PlayOptions): number {
  if (here === "guest") return beforeStart === undefined ? 4 : 20;
  return beforeStart === undefined ? 1 : 3;
}

async function create(engine: TestEngine, body: unknown): Promise<string> {
  const made = await request(engine.socket, "POST", "/containers/create", { body, ...patience });
  if (made.status !== 201) throw new Error(`no container: ${made.text}`);
  return textAt(made.json, "Id");
}

async function start(engine: TestEngine, id: string): Promise<void> {
  const started = await request(engine.socket, "POST", `/containers/${id}/start`, patience);
  if (started.status !== 204) throw new Error(`the container did not start: ${started.text}`);
}

async function logs(engine: TestEngine, id: string): Promise<string> {
  return (await request(engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`, patience)).body.toString();
}

async function runToEnd(engine: TestEngine, id: string): Promise<string> {
  await start(engine, id);
  await request(engine.socket, "POST", `/containers/${id}/wait`, { timeoutMs: wholeMs });
  return await logs(engine, id);
}

async function startVictim(engine: TestEngine): Promise<string> {
  const HostConfig = { NetworkMode: "none", IpcMode: "shareable" };
  const id = await create(engine, { Image: testerImage, Cmd: ["/testers/tester", "victim"], HostConfig });
  await start(engine, id);
  for (const end = Date.now() + patience.timeoutMs; !(await logs(engine, id)).includes("ready"); await sleep(100)) {
    if (Date.now() > end) throw new Error("the container that holds a secret is not ready");
  }
  return id;
}

async function startHostSide(engine: TestEngine, scratch: string): Promise<ChildProcess> {
  mkdirSync(join(scratch, "protected"));
  for (const name of ["old", "unneeded", "file"]) writeFileSync(join(scratch, "protected", name), "as it was");
  copyFileSync(await buildTester(), join(scratch, "program"));
  const [program = "", ...inside] = engine.inNetwork();
  const script = join(import.meta.dirname, "host-side.py");
  const child = spawn(program, [...inside, "python3", script, scratch], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  const end = once(child, "exit");
  child.kill("SIGKILL");
  await end;
}

function words(attacks: readonly WatchAttack[]): readonly string[] {
  return attacks.flatMap(({ act, words }, index) => [...(index === 0 ? [] : ["--"]), act, ...words]);
}

/** One that does nothing but to be there. */
function moduleFile(): string {
  return `/lib/modules/${release()}/kernel/drivers/net/dummy.ko`;
}

function filled(value: Readonly<Record<string, unknown>>, names: Readonly<Record<string, string>>): object {
  const text = JSON.stringify(value).replaceAll(/\$\{([A-Z]+)\}/g, (_, name: string) => names[name] ?? "");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null ? parsed : {};
}

const reportShape = object({ action: string, ok: boolean, errno: number, detail: string, from: number, to: number });

/** The tester reports in order; one act may be there twice, with other words. */
function toReports(output: string, attacks: readonly WatchAttack[]): ReadonlyMap<string, Report> {
  const reports = [...output.matchAll(/\{"action":.*\}/g)].map(([line]) =>
    decode(reportShape, JSON.parse(line), { code: "MALFORMED_INPUT", where: "a report", hint: "see the tester" }),
  );
  const found = new Map<string, Report>();
  let next = 0;
  for (const { name, act } of attacks) {
    const report = reports[next];
    if (report?.action !== act) continue;
    found.set(name, report);
    next += 1;
  }
  return found;
}
