// The program as an operator runs it, with a folder of its own for configuration, state and sockets.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** The program's own file, for Node to run. */
export const program: string = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Foreground = {
  readonly child: ChildProcess;
  /** Waits until standard output holds this. */
  readonly says: (text: string) => Promise<void>;
  readonly finished: Promise<Finished>;
};

export type Installation = {
  readonly folder: string;
  readonly socket: string;
  readonly configuration: string;
  /** Runs a command with this installation's configuration. */
  readonly plimsoll: (...words: readonly string[]) => Promise<Finished>;
  readonly start: (...words: readonly string[]) => Foreground;
  /** Writes the configuration anew; texts replace `$FOLDER`. */
  readonly configure: (text: string) => void;
  /** Sockets and pid files that are there. */
  readonly leftovers: () => readonly string[];
};

export function install(t: TestContext, engineSocket: string): Installation {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-up-"));
  const configuration = join(folder, "plimsoll.yaml");
  const children = new Set<ChildProcess>();
  const start = (...words: readonly string[]): Foreground => {
    const [command = "", ...rest] = words;
    const foreground = run([command, "--config", configuration, ...rest], folder);
    children.add(foreground.child);
    return foreground;
  };
  const configure = (text: string): void => writeFileSync(configuration, text.replaceAll("$FOLDER", folder));
  configure(defaultText(engineSocket));
  t.after(async () => {
    await start("down").finished;
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return {
    folder,
    socket: join(folder, "docker.sock"),
    configuration,
    plimsoll: (...words) => start(...words).finished,
    start,
    configure,
    leftovers: () =>
      [...readdirSync(folder), ...list(join(folder, "run"))].filter((name) => /\.(sock|pid)$/.test(name)).sort(),
  };
}

export function defaultText(engineSocket: string, more: string = ""): string {
  return `engine: unix://${engineSocket}
state: $FOLDER/state
runtime: $FOLDER/run
watch: { enabled: "no" }
listeners:
  - name: docker
    unix: $FOLDER/docker.sock
    fileMode: "0666"
    mode: enforce
${more}`;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was started yet
  }
}

function run(words: readonly string[], folder: string): Foreground {
  const environment = { ...process.env, NODE_NO_WARNINGS: "1", DOCKER_HOST: undefined, NO_COLOR: "1" };
  const child = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text.stderr += chunk.toString();
  });
  const finished = once(child, "close").then(([code]) => ({ code: Number(code), ...text }));
  return { child, finished, says: (wanted) => heard(child, wanted, () => text.stdout + text.stderr) };
}

async function heard(child: ChildProcess, wanted: string, text: () => string): Promise<void> {
  while (!text().includes(wanted)) {
    const ended = once(child, "close").then(() => "ended");
    const more = Promise.race([once(child.stdout ?? child, "data"), once(child.stderr ?? child, "data")]);
    if ((await Promise.race([more, ended])) === "ended" && !text().includes(wanted)) {
      throw new Error(`ended without saying ${JSON.stringify(wanted)}:\n${text()}`);
    }
  }
}
