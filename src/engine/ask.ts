// One small question to an engine on a unix socket, before there is a client for it: is somebody there, and who?

import { limitExceeded, PlimsollError } from "../base/errors.ts";
import { http } from "../base/node-http.ts";

const maxAnswerBytes = 4 * 1024 * 1024;

export type EngineAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
};

/**
 * @param path with its query, already escaped
 * @param timeoutMs for the whole answer
 * @throws PlimsollError ENGINE_UNREACHABLE, PERMISSION_NEEDED, LIMIT_EXCEEDED
 */
export function askEngine(
  socket: string,
  path: string,
  timeoutMs: number,
  method: "GET" | "POST" = "GET",
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const call = http().request({
      socketPath: socket,
      path,
      method,
      signal,
      agent: false,
      headers: { host: "engine" },
    });
    call.on("error", (cause) => reject(unreachable(socket, cause)));
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= maxAnswerBytes) chunks.push(chunk);
        else call.destroy(limitExceeded(`${socket} ${path}`, `an answer of more than ${maxAnswerBytes} bytes`));
      });
      response.on("error", (cause) => reject(unreachable(socket, cause)));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    call.end();
  });
}

/** The JSON of a 200 answer. @throws PlimsollError also ENGINE_REFUSED */
export async function askEngineJson(socket: string, path: string, timeoutMs: number): Promise<unknown> {
  const answer = await askEngine(socket, path, timeoutMs);
  const parsed = parseJson(answer.text);
  if (answer.status === 200 && parsed !== undefined) return parsed;
  throw new PlimsollError(
    "ENGINE_REFUSED",
    `${socket}: GET ${path} answered ${answer.status}, expected 200 with JSON`,
    { hint: "check that the socket belongs to a Docker or Podman engine, and read the engine's log" },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(socket: string, cause: Error): PlimsollError {
  if (cause instanceof PlimsollError) return cause;
  const code = "code" in cause ? String(cause.code) : cause.name;
  if (code === "EACCES" || code === "EPERM") {
    return new PlimsollError("PERMISSION_NEEDED", `${socket}: this user may not open the engine's socket`, {
      hint: "run plimsoll as root, or as the user the engine's socket belongs to",
      cause,
    });
  }
  return new PlimsollError("ENGINE_UNREACHABLE", `${socket}: no engine answers (${code})`, {
    hint: "start the engine, or unset DOCKER_HOST to let plimsoll start one of its own",
    cause,
  });
}
