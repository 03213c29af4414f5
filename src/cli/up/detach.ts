// `up --detach`: starts this program again in a session of its own and waits until it listens, or says why it does not.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type ErrorCode, errorText, PlimsollError } from "../../base/errors.ts";
import { fieldAt, textAt } from "../../base/reading.ts";
import type { Configuration } from "../configuration/configuration.ts";

/** Tells the started program where to report; the number of a descriptor. */
const readyVariable = "PLIMSOLL_READY_FD";
const maxReportBytes = 64 * 1024;

/** Words after the program's name that start it in the foreground. */
export type DetachOptions = { readonly words: readonly string[]; readonly environment: NodeJS.ProcessEnv };

/** @returns the pid. @throws PlimsollError what the started program reported, or NOT_RUNNING when it ended in silence */
export async function detach(configuration: Configuration, options: DetachOptions): Promise<number> {
  const logFile = openLog(configuration.stateFolder);
  try {
    const [, program = ""] = process.argv;
    const child = spawn(process.execPath, [...process.execArgv, program, ...options.words], {
      detached: true,
      stdio: ["ignore", logFile.fd, logFile.fd, "pipe"],
      env: { ...options.environment, [readyVariable]: "3" },
      cwd: "/",
    });
    const pid = await readReport(child, logFile.path);
    child.unref();
    return pid;
  } finally {
    closeSync(logFile.fd);
  }
}

/** For the started program: one report, then the pipe is closed. Does nothing when nobody waits. */
export function openReport(environment: NodeJS.ProcessEnv): (thrown?: unknown) => void {
  const fd = environment[readyVariable] === "3" ? 3 : undefined;
  delete environment[readyVariable];
  let isOpen = fd !== undefined;
  return (thrown) => {
    if (!isOpen || fd === undefined) return;
    isOpen = false;
    const error = thrown instanceof PlimsollError ? thrown : undefined;
    const failed = { code: error?.code ?? "", message: errorText(thrown), hint: error?.hint ?? "" };
    writeSync(fd, `${JSON.stringify(thrown === undefined ? { pid: process.pid } : { failed })}\n`);
    closeSync(fd);
  };
}

function openLog(stateFolder: string): { readonly fd: number; readonly path: string } {
  const path = join(stateFolder, "plimsoll.log");
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    return { fd: openSync(path, "a", 0o600), path };
  } catch (cause) {
    throw new PlimsollError("PERMISSION_NEEDED", `${path}: cannot be written: ${errorText(cause)}`, {
      hint: "run plimsoll as root, or choose a state folder that this user may write",
      cause,
    });
  }
}

async function readReport(child: ChildProcess, logFile: string): Promise<number> {
  const pipe = child.stdio[3];
  const line = await Promise.race([firstLine(pipe), ended(child)]);
  if (line === undefined) {
    throw new PlimsollError("NOT_RUNNING", "the started plimsoll ended before it listened", {
      hint: `read ${logFile}`,
    });
  }
  const report: unknown = JSON.parse(line);
  const failed = fieldAt(report, "failed");
  if (failed === undefined) return child.pid ?? 0;
  throw new PlimsollError(toCode(textAt(failed, "code")), textAt(failed, "message"), {
    hint: textAt(failed, "hint") || `read ${logFile}`,
  });
}

async function firstLine(pipe: unknown): Promise<string | undefined> {
  if (!isReadable(pipe)) return undefined;
  let text = "";
  for await (const chunk of pipe) {
    text += String(chunk);
    if (text.includes("\n") || text.length > maxReportBytes) return text.split("\n")[0];
  }
  return undefined;
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === "object" && stream !== null && Symbol.asyncIterator in stream;
}

/** Later than the report that it wrote. */
function ended(child: ChildProcess): Promise<undefined> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => setImmediate(() => resolve(undefined)));
  });
}

function toCode(code: string): ErrorCode {
  return knownCodes.find((known) => known === code) ?? "NOT_RUNNING";
}

/** What a start can fail with. */
const knownCodes: readonly ErrorCode[] = [
  "ALREADY_RUNNING",
  "AUDIT_UNAVAILABLE",
  "CONFIG_INVALID",
  "ENGINE_REFUSED",
  "ENGINE_START_FAILED",
  "ENGINE_UNREACHABLE",
  "LISTEN_FAILED",
  "LOG_CORRUPT",
  "NEED_MISSING",
  "PERMISSION_NEEDED",
  "POLICY_INVALID",
  "USAGE",
];
