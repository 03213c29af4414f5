// Runs one row of the attack catalogue against sockets, and tells what came of it.

import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack, Caller, Check } from "./attack.ts";
import { playStep, type StepReply } from "./attack-steps.ts";
import { removeCgroups, type TestEngine } from "./engine.ts";
import { request } from "./http.ts";
import { makeImage } from "./images.ts";
import { type Probe, startProbe } from "./probe.ts";
import { added, restore, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { Variables } from "./variables.ts";

export type Bench = {
  readonly engine: TestEngine;
  /** Whom each caller talks to: the engine itself, or a gate as some user. */
  readonly sockets: Readonly<Record<Caller, string>>;
  /** How long an effect may take to show, in milliseconds. */
  readonly patienceMs: number;
  readonly probe: Probe;
  readonly mark: string;
  readonly before: Snapshot;
  /** Look after every step whether it left something; only worth its time where steps are refused. */
  readonly findsLeft?: boolean;
};

export type Outcome = {
  /** Everything in `works` held. */
  readonly worked: boolean;
  /** What each step of the attack got. */
  readonly replies: readonly StepReply[];
  /** Rules that Plimsoll named in its refusals of the attack's steps. */
  readonly rules: readonly string[];
  /** Objects that refused requests left in the engine all the same. */
  readonly left: readonly string[];
  readonly setupFailures: readonly string[];
  /** Setup steps that failed, and checks that did not hold: for people. */
  readonly remarks: readonly string[];
};

/** Writes the mark that only root on the host can read, makes the image, and opens the ears. */
export async function startBench(engine: TestEngine, sockets: Bench["sockets"], patienceMs: number): Promise<Bench> {
  const mark = `MARK-${randomUUID()}`;
  await writeFile(join(engine.folder, "HOSTMARK"), `${mark}\n`, { mode: 0o600 });
  await makeImage(engine.socket);
  const probe = await startProbe(engine);
  return { engine, sockets, patienceMs, probe, mark, before: await takeSnapshot(engine.socket) };
}

/** Plays setup and attack, looks for the effect, and puts the engine back as it was. */
export async function runAttack(attack: Attack, bench: Bench): Promise<Outcome> {
  const scratch = join(bench.engine.folder, "scratch");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o755 });
  await bench.probe.clear();
  const variables = startingVariables(attack, bench, scratch);
  const setupFailures: string[] = [];
  try {
    for (const step of attack.setup) {
      const reply = await playStep(step, bench, variables);
      if (reply.status >= 400 || reply.status === 0) setupFailures.push(`setup: ${reply.summary}`);
    }
    const replies: StepReply[] = [];
    const left: string[] = [];
    // Counted from here: on a busy machine the victim took its time.
    variables.with("SOON", soon());
    for (const step of attack.attack) {
      const earlier = bench.findsLeft === true ? await takeSnapshot(bench.engine.socket) : undefined;
      const reply = await playStep(step, bench, variables);
      replies.push(reply);
      if (earlier !== undefined && reply.rules.length > 0 && reply.isPartlyServed !== true) {
        left.push(...added(earlier, await takeSnapshot(bench.engine.socket)));
      }
    }
    const failed = await failedChecks(attack.works, bench, variables);
    return {
      worked: failed.length === 0,
      replies,
      rules: replies.flatMap((reply) => reply.rules),
      left,
      setupFailures,
      remarks: [...setupFailures, ...failed],
    };
  } finally {
    await restore(bench.engine.socket, bench.before);
    await bench.probe.clear();
  }
}

/** Seconds since 1970, not long from now. */
function soon(): string {
  return String(Math.floor(Date.now() / 1000) + 2);
}

function startingVariables(attack: Attack, bench: Bench, scratch: string): Variables {
  const variables = new Variables({
    MARK: bench.mark,
    MARKFILE: join(bench.engine.folder, "HOSTMARK"),
    SCRATCH: scratch,
    SOCKETDIR: bench.engine.folder,
    HOSTNAME: hostname(),
    PORT: String(bench.probe.port),
    NOW: String(Math.floor(Date.now() / 1000) - 1),
    SOON: soon(),
  });
  if (attack.body === undefined) return variables;
  const body = JSON.stringify(variables.fill(attack.body));
  const bytes = Buffer.byteLength(body);
  // The head of the create that transport row T17 wraps into another request.
  const head = `POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;
  return variables
    .with("BODY", body)
    .with("LENGTH", String(bytes))
    .with("HEX", bytes.toString(16))
    .with("SMUGGLED", String(head.length + bytes));
}

async function failedChecks(checks: readonly Check[], bench: Bench, variables: Variables): Promise<readonly string[]> {
  const end = Date.now() + bench.patienceMs;
  for (;;) {
    const results = await Promise.all(checks.map((check) => failure(check, bench, variables)));
    const failed = results.filter((result) => result !== undefined);
    if (failed.length === 0 || Date.now() >= end) return failed;
    await sleep(100);
  }
}

async function failure(check: Check, bench: Bench, variables: Variables): Promise<string | undefined> {
  const seen = await look(check, bench, variables);
  const wanted = variables.fillText(check.contains ?? "");
  const pattern = variables.fillText(check.matches ?? "");
  const holds =
    seen !== undefined &&
    wanted !== undefined &&
    pattern !== undefined &&
    (check.status === undefined || seen.status === check.status) &&
    seen.text.includes(wanted) &&
    new RegExp(pattern, "m").test(seen.text);
  if (holds !== check.not) return undefined;
  return `${check.of} ${check.name}: ${seen === undefined ? "not there" : `${seen.status} ${oneLine(seen.text)}`}`;
}

async function look(
  check: Check,
  bench: Bench,
  variables: Variables,
): Promise<{ status: number; text: string } | undefined> {
  switch (check.of) {
    case "heard":
      return { status: 0, text: bench.probe.heard() };
    case "output":
      return variables.outputOf(check.name);
    case "file": {
      const path = variables.fillText(check.name);
      const text =
        path === undefined
          ? undefined
          : await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) =>
              error.code === "EISDIR" ? "" : undefined,
            );
      return text === undefined ? undefined : { status: 0, text };
    }
    case "engine": {
      const path = variables.fillText(check.name);
      return path === undefined ? undefined : await request(bench.engine.socket, "GET", path);
    }
  }
}

export function oneLine(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 240);
}

/** Rows H27, H28 and B05 make control groups outside the engine's own. */
export async function removeEscapedCgroups(): Promise<void> {
  for (const name of ["plimsoll_escape", "plimsoll_up", "plimsoll_bld"]) await removeCgroups(name);
}
