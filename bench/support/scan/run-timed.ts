// One run of a program: how long it took, and how much memory it held at most, with everything it started.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export type Timed = {
  readonly seconds: number;
  /** Highest sum of resident memory of the program and its children, in MB. */
  readonly megabytes: number;
  readonly stdout: string;
};

const pollMs = 50;

/** @throws Error when it ends with another code than those that are good */
export async function runTimed(
  program: string,
  words: readonly string[],
  options: { readonly environment?: Readonly<Record<string, string>>; readonly good?: readonly number[] } = {},
): Promise<Timed> {
  const environment = { ...process.env, ...options.environment };
  const started = performance.now();
  const child = spawn(program, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr, megabytes] = ["", "", 0];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  const poll = setInterval(() => {
    megabytes = Math.max(megabytes, child.pid === undefined ? 0 : residentOf(child.pid));
  }, pollMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => clearInterval(poll));
  const seconds = (performance.now() - started) / 1000;
  if (code === null || !(options.good ?? [0]).includes(code)) {
    throw new Error(`${program} ${words.join(" ")}: ended with ${code}\n${stderr}`);
  }
  return { seconds, megabytes, stdout };
}

function residentOf(pid: number): number {
  try {
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    return kilobytes / 1000 + childrenOf(pid).reduce((sum, child) => sum + residentOf(child), 0);
  } catch {
    return 0; // it has just ended
  }
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}
