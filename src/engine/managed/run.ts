// Runs one small program of the system to its end, without a shell.

import { execFile } from "node:child_process";
import { PlimsollError } from "../../base/errors.ts";

export type RunResult = {
  readonly ok: boolean;
  readonly output: string;
};

/** Never throws: a program that is missing or fails has `ok: false` and says why in `output`. */
export function run(program: string, args: readonly string[], timeoutMs = 30_000): Promise<RunResult> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: 8 * 1024 * 1024, env: { PATH: searchPath(), LC_ALL: "C" } };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: error === null ? stdout : `${stdout}${stderr}` || error.message });
    });
  });
}

/** @throws PlimsollError ENGINE_START_FAILED with what the program said */
export async function mustRun(program: string, args: readonly string[]): Promise<void> {
  const result = await run(program, args);
  if (result.ok) return;
  throw new PlimsollError("ENGINE_START_FAILED", `${program} ${args.join(" ")}: ${result.output.trim()}`, {
    hint: "run plimsoll as root of the host, with the capability NET_ADMIN",
  });
}

/** The administrator's folders are not on every user's PATH. */
export function searchPath(): string {
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return [...new Set([...folders, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])].join(
    ":",
  );
}
