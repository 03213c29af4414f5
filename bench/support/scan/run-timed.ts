// One run of a program: how long it took, how much of the processors, and how much memory it held at most, with everything it started.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export type Timed = {
  readonly seconds: number;
  /** Of all processors together; of what ran shorter than the time between two looks, a part is missed. */
  readonly processorSeconds: number;
  /** Highest sum of resident memory of the program and its children, in MB. */
  readonly megabytes: number;
  readonly stdout: string;
};

const pollMs = 50;
/** Linux counts processor time in hundredths of a second for every program. */
const ticksPerSecond = 100;

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
  const processor = new Map<number, number>();
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  const poll = setInterval(() => {
    megabytes = Math.max(megabytes, child.pid === undefined ? 0 : lookAt(child.pid, processor));
  }, pollMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => clearInterval(poll));
  const seconds = (performance.now() - started) / 1000;
  if (code === null || !(options.good ?? [0]).includes(code)) {
    throw new Error(`${program} ${words.join(" ")}: ended with ${code}\n${stderr}`);
  }
  const ticks = [...processor.values()].reduce((sum, each) => sum + each, 0);
  return { seconds, processorSeconds: ticks / ticksPerSecond, megabytes, stdout };
}

/** @returns megabytes of the process and its children; notes the ticks of each */
function lookAt(pid: number, processor: Map<number, number>): number {
  try {
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    processor.set(pid, ticksOf(pid));
    return kilobytes / 1000 + childrenOf(pid).reduce((sum, child) => sum + lookAt(child, processor), 0);
  } catch {
    return 0; // it has just ended
  }
}

/** Its own, user and system. Source: proc_pid_stat(5), fields 14 and 15, behind the name in brackets. */
function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}
