// Runs rows of docker CLI use against a socket, and makes the outcome of two runs comparable.

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type { CliRow, CliStep } from "./cli-row.ts";
import { newerSuite } from "./newer-suite.ts";

export type DockerCli = {
  readonly program: string;
  /** Folder with the plugins compose and buildx; absent when there are none. */
  readonly plugins?: string;
};

export type StepOutcome = {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

const stepTimeoutMs = 60_000;

/** Docker 28 of a newer suite, else one that is on PATH; or the reason why there is none. */
export async function findDockerCli(): Promise<DockerCli | { readonly why: string }> {
  const suite = await newerSuite("docker");
  if ("why" in suite) return suite;
  return { program: join(suite.root, "usr/bin/docker"), plugins: join(suite.root, "usr/libexec/docker/cli-plugins") };
}

/** Every step of a row in a folder of its own; stops at the first that does not do what the row says. */
export async function runRow(row: CliRow, socket: string, cli: DockerCli): Promise<readonly StepOutcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-cli-"));
  try {
    const home = await makeHome(folder, cli);
    const work = join(folder, "work");
    await mkdir(work);
    for (const [name, content] of Object.entries(row.files)) {
      await mkdir(dirname(join(work, name)), { recursive: true });
      await writeFile(join(work, name), content);
    }
    const environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      DOCKER_CONFIG: home,
      DOCKER_HOST: `unix://${socket}`,
      TERM: "xterm",
    };
    return await runSteps(row, { cli, work, environment, saved: new Map([["SOCKET", socket]]) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Surroundings = {
  readonly cli: DockerCli;
  readonly work: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly saved: Map<string, string>;
};

async function runSteps(row: CliRow, around: Surroundings): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const step of row.steps) {
    const raw = await runUntilSaid(step, around);
    outcomes.push(step.isLoose ? { ...raw, stdout: "", stderr: "" } : normalize(step, raw, around));
    const unsaid = unsaidOf(step, raw);
    if (!step.codes.includes(raw.code) || unsaid.length > 0) {
      const expected = `expected code ${step.codes.join(" or ")}${unsaid.map((pattern) => ` and ${pattern}`).join("")}`;
      throw new Error(`${row.name}: ${raw.command}: ${expected}, got code ${raw.code}\n${raw.stdout}${raw.stderr}`);
    }
    if (step.save !== undefined) around.saved.set(step.save, raw.stdout.trim());
  }
  return outcomes;
}

function unsaidOf(step: CliStep, { stdout, stderr }: StepOutcome): readonly RegExp[] {
  return step.says.filter((pattern) => !pattern.test(`${stdout}\n${stderr}`));
}

const mostTries = 60;

async function runUntilSaid(step: CliStep, around: Surroundings): Promise<StepOutcome> {
  for (let tries = 1; ; tries++) {
    const outcome = await runStep(step, around);
    if (step.isAgain !== true || unsaidOf(step, outcome).length === 0 || tries === mostTries) return outcome;
    await sleep(250);
  }
}

async function makeHome(folder: string, cli: DockerCli): Promise<string> {
  const home = join(folder, "home");
  await mkdir(home);
  await writeFile(join(home, "config.json"), "{}");
  if (cli.plugins !== undefined) await symlink(cli.plugins, join(home, "cli-plugins"));
  return home;
}

async function runStep(step: CliStep, around: Surroundings): Promise<StepOutcome> {
  const [program = "", ...args] = step.command.map((word) => fill(word, around.saved));
  const named = program === "docker" ? around.cli.program : program;
  const line = step.keys ? inTerminal([named, ...args], step.keys) : [named, ...args];
  const files = {
    from: step.from === undefined ? undefined : join(around.work, step.from),
    into: step.into === undefined ? undefined : join(around.work, step.into),
  };
  const result = await runCommand(line, {
    folder: around.work,
    environment: { ...around.environment, ...step.environment },
    input: step.input,
    until: step.until,
    ...files,
  });
  return { command: [program, ...args].join(" "), ...result };
}

function inTerminal(line: readonly string[], keys: CliStep["keys"]): readonly string[] {
  return ["python3", join(import.meta.dirname, "terminal.py"), JSON.stringify(keys ?? []), "30", ...line];
}

function fill(word: string, saved: ReadonlyMap<string, string>): string {
  return word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => saved.get(name) ?? "");
}

type CommandOptions = {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string | undefined;
  readonly from: string | undefined;
  readonly into: string | undefined;
  readonly until: RegExp | undefined;
};

async function runCommand(
  [program = "", ...args]: readonly string[],
  options: CommandOptions,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const from = options.from === undefined ? undefined : openSync(options.from, "r");
  const into = options.into === undefined ? undefined : openSync(options.into, "w");
  const child = spawn(program, args, {
    cwd: options.folder,
    env: options.environment,
    stdio: [from ?? (options.input === undefined ? "ignore" : "pipe"), into ?? "pipe", "pipe"],
    timeout: stepTimeoutMs,
    killSignal: "SIGKILL",
  });
  for (const file of [from, into]) if (file !== undefined) closeSync(file);
  return await new Promise((resolve, reject) => {
    const output = { stdout: "", stderr: "" };
    const collect = (name: "stdout" | "stderr") => (chunk: Buffer) => {
      output[name] += chunk.toString("utf8");
      // Again at each further output: some commands of the CLI leave only at the third signal.
      if (options.until?.test(output.stdout)) child.kill("SIGINT");
    };
    child.stdout?.on("data", collect("stdout"));
    child.stderr?.on("data", collect("stderr"));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 130), ...output }));
    child.stdin?.on("error", () => undefined); // a command that does not read its input
    child.stdin?.end(options.input);
  });
}

/** What differs from run to run: ids, times, addresses, the socket's path and the row's folder. */
const differences: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?(?: UTC)?/g, "TIME"],
  [/\b[0-9a-f]{64}\b/g, "ID"],
  [/\b[0-9a-f]{12}\b/g, "ID"],
  [/\b[0-9a-f]{32}\b/g, "ID"],
  [/(?:About a|Less than a|About an|\d+) (?:second|minute|hour)s?(?: ago)?/g, "WHILE"],
  [/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, "MAC"],
  [/\b(?:172|10)\.\d+\.\d+\.\d+\b/g, "ADDRESS"],
  [/\b\d+(?:\.\d+)?m?s\b/g, "DURATION"],
  // Podman names things in full, and has words of its own for what is not there.
  [/docker\.io\/library\//g, ""],
  [/failed to find image \S+ (\S+): No such image/g, "No such image: $1:latest"],
  [/unable to find network with name or ID (\S+): network not found/g, "network $1 not found"],
  [/get \S+: no such volume/g, "no such volume"],
  [/netns-[0-9a-f-]+(?:ID)?/g, "netns-ID"],
  // Podman's end of an exec that did not start: now and then it tells that the other end went first.
  [/Error: read unixpacket @->\S+: read: connection reset by peer\n/g, ""],
  // A shell draws its prompt again when the terminal's size comes late.
  [/(?:\r*\/ # ?)+/g, "/ # "],
  // Names and ids take turns in the engine's messages: the gate asks by id.
  [/(cannot \w+ container: )[^:]+:/gi, "$1NAME:"],
  [/(cannot \w+ container )"[^"]+"/g, "$1NAME"],
  [/(in container )[\w-]+$/gm, "$1NAME"],
  [/no such image: [^:]+(?::\w+)?: (No such image)/g, "$1"],
  [/"Pid": \d+/g, '"Pid": NUMBER'],
  [/\b(?:0\.0\.0\.0|\[::\]):\d{5}\b/g, "PORT"],
];

function normalize(step: CliStep, raw: StepOutcome, around: Surroundings): StepOutcome {
  const clean = (text: string): string => {
    const socket = around.saved.get("SOCKET") ?? "";
    const plain = stripVTControlCharacters(text)
      .replaceAll(socket, "SOCKET")
      .replaceAll(around.work, "WORK")
      .replaceAll(dirname(around.work), "FOLDER");
    const same = differences.reduce((changed, [pattern, by]) => changed.replaceAll(pattern, by), plain);
    const lines = same.split("\n").map((line) => line.trimEnd().replaceAll(/ {2,}/g, "  "));
    return (step.isSorted ? lines.sort() : lines).join("\n");
  };
  return { command: clean(raw.command), code: raw.code, stdout: clean(raw.stdout), stderr: clean(raw.stderr) };
}
