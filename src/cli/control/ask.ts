// One question to a running Plimsoll, and its answer.

import { connect, type Socket } from "node:net";
import { type ErrorCode, errorText, PlimsollError } from "../../base/errors.ts";
import { fieldAt, isFields } from "../../base/reading.ts";
import { decode } from "../../base/schema.ts";
import { type ControlRequest, controlFailure, controlSocket } from "./protocol.ts";
import { readLine } from "./read-line.ts";

const answerTimeoutMs = 30_000;

/** @throws PlimsollError NOT_RUNNING, PERMISSION_NEEDED, or what the running Plimsoll answered */
export async function askControl(runtimeFolder: string, request: ControlRequest): Promise<unknown> {
  const socket = await open(controlSocket(runtimeFolder));
  try {
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(silent(runtimeFolder)));
    socket.end(`${JSON.stringify(request)}\n`);
    const line = await readLine(socket);
    if (line === undefined) throw silent(runtimeFolder);
    const answer: unknown = JSON.parse(line);
    if (isFields(fieldAt(answer, "error"))) throw toError(fieldAt(answer, "error"));
    return answer;
  } finally {
    socket.destroy();
  }
}

/** The answer, or undefined when nobody runs there. */
export async function askIfRunning(runtimeFolder: string, request: ControlRequest): Promise<unknown> {
  try {
    return await askControl(runtimeFolder, request);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "NOT_RUNNING") return undefined;
    throw thrown;
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once("connect", () => resolve(socket));
    socket.once("error", (cause) => reject(notReached(path, cause)));
  });
}

function notReached(path: string, cause: Error): PlimsollError {
  const isShut = "code" in cause && cause.code === "EACCES";
  return isShut
    ? new PlimsollError("PERMISSION_NEEDED", `${path}: belongs to another user`, {
        hint: "run the command as root, or as the user that started plimsoll",
        cause,
      })
    : new PlimsollError("NOT_RUNNING", `no plimsoll answers on ${path} (${errorText(cause)})`, {
        hint: "start it with plimsoll up, or name its configuration with --config",
        cause,
      });
}

function silent(runtimeFolder: string): PlimsollError {
  return new PlimsollError("NOT_RUNNING", `${controlSocket(runtimeFolder)}: opened, but did not answer`, {
    hint: "look at the log of plimsoll; when it hangs, end the process that plimsoll.pid names",
  });
}

function toError(value: unknown): PlimsollError {
  const { code, message, hint } = decode(controlFailure, value, { code: "MALFORMED_INPUT", where: "control socket" });
  return new PlimsollError(knownCode(code), message, { hint });
}

function knownCode(code: string): ErrorCode {
  const codes = ["POLICY_INVALID", "PERMISSION_NEEDED", "CONFIG_INVALID", "LIMIT_EXCEEDED"] as const;
  return codes.find((known) => known === code) ?? "MALFORMED_INPUT";
}
