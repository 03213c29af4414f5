// Plimsoll's own small questions to the engine, over its unix socket with kept connections. Callers' bytes never pass here.
// Source: Engine API reference, "Errors": every refusal is JSON with a `message`.

import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { errorText, limitExceeded, PlimsollError } from "../base/errors.ts";
import { http } from "../base/node-http.ts";
import type { EngineClient } from "./engine.ts";

export type EngineClientLimits = {
  /** Most bytes of one answer, in bytes. */
  readonly maxAnswerBytes: number;
  /** How long one answer may take, in milliseconds; streams are exempt once they have begun. */
  readonly timeoutMs: number;
  readonly maxConnections: number;
};

const defaultLimits: EngineClientLimits = { maxAnswerBytes: 64 << 20, timeoutMs: 30_000, maxConnections: 64 };

type Question = { readonly method: string; readonly path: string; readonly body?: unknown };
type Answer = { readonly status: number; readonly text: string };

/**
 * @param socketPath absolute path of the engine's unix socket
 * @param headers go with every question
 */
export function openEngineClient(
  socketPath: string,
  limits: EngineClientLimits = defaultLimits,
  headers: Readonly<Record<string, string>> = {},
): EngineClient {
  const agent = new (http().Agent)({ keepAlive: true, maxSockets: limits.maxConnections, maxFreeSockets: 16 });
  const ask = (question: Question) => askTwice({ socketPath, agent, limits, headers, question });
  return {
    socket: socketPath,
    async get(path) {
      const answer = await ask({ method: "GET", path });
      return answer.status === 404 ? undefined : parseAnswer(path, answer);
    },
    async post(path, body) {
      return parseAnswer(path, await ask({ method: "POST", path, body }));
    },
    async delete(path) {
      parseAnswer(path, await ask({ method: "DELETE", path }));
    },
    stream: (path, signal) => openStream({ socketPath, limits, headers, path, signal, method: "GET", more: {} }),
    async work(path, more, signal) {
      await endOfWork(path, await openStream({ socketPath, limits, headers, path, signal, method: "POST", more }));
    },
    close: () => agent.destroy(),
  };
}

type Asking = {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly limits: EngineClientLimits;
  readonly headers: Readonly<Record<string, string>>;
  readonly question: Question;
};

/** A kept connection may have died with the engine's last restart: a GET that met one is asked again. */
async function askTwice(asking: Asking): Promise<Answer> {
  let sent: ClientRequest | undefined;
  try {
    return await askOnce(asking, (made) => {
      sent = made;
    });
  } catch (thrown) {
    if (asking.question.method !== "GET" || sent?.reusedSocket !== true || !isReset(thrown)) throw thrown;
    return await askOnce(asking, () => undefined);
  }
}

function askOnce(asking: Asking, onSent: (sent: ClientRequest) => void): Promise<Answer> {
  const { socketPath, agent, limits, question } = asking;
  const bytes = question.body === undefined ? undefined : Buffer.from(JSON.stringify(question.body));
  const content = bytes === undefined ? {} : { "content-type": "application/json", "content-length": bytes.length };
  const headers = { host: "docker", ...asking.headers, ...content };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(limits.timeoutMs);
    const { method, path } = question;
    const sent = http().request({ socketPath, agent, method, path, headers, signal });
    onSent(sent);
    sent.on("error", (thrown) => reject(unreachable(socketPath, thrown)));
    sent.on("response", (message) => {
      readText(message, limits.maxAnswerBytes).then(
        (text) => resolve({ status: message.statusCode ?? 0, text }),
        (thrown) => reject(thrown instanceof PlimsollError ? thrown : unreachable(socketPath, thrown)),
      );
    });
    sent.end(bytes);
  });
}

async function readText(message: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!(chunk instanceof Buffer)) continue;
    length += chunk.length;
    if (length > maxBytes) throw limitExceeded("engine answer", `expected at most ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseAnswer(path: string, answer: Answer): unknown {
  if (answer.status < 200 || answer.status > 299) throw refused(path, answer);
  if (answer.text.trim() === "") return undefined;
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    const message = `engine: ${withoutQuery(path)} answered something that is not JSON`;
    throw new PlimsollError("ENGINE_ANSWER_INVALID", message, { hint: "check which program serves the socket", cause });
  }
}

type Opening = Pick<Asking, "socketPath" | "limits" | "headers"> & {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly method: "GET" | "POST";
  /** Further headers. */
  readonly more: Readonly<Record<string, string>>;
};

function openStream({ socketPath, limits, headers, path, signal, method, more }: Opening): Promise<Readable> {
  return new Promise((resolve, reject) => {
    // No shared agent: a connection that never ends must not use up the pool.
    const sent = http().request({
      socketPath,
      agent: false,
      method,
      path,
      headers: { host: "docker", ...headers, ...more },
      signal,
    });
    const timer = setTimeout(() => sent.destroy(new Error("no answer in time")), limits.timeoutMs);
    sent.on("error", (thrown) => {
      clearTimeout(timer);
      reject(unreachable(socketPath, thrown));
    });
    sent.on("response", (message) => {
      clearTimeout(timer);
      const status = message.statusCode ?? 0;
      if (status === 200) return resolve(message);
      readText(message, 64 << 10).then((text) => reject(refused(path, { status, text })), reject);
    });
    sent.end();
  });
}

/** Records of progress, one a line; an error among them is the outcome. */
async function endOfWork(path: string, stream: Readable): Promise<void> {
  let rest = "";
  let failure = "";
  for await (const piece of stream) {
    if (!(piece instanceof Buffer)) continue;
    const lines = (rest + piece.toString("latin1")).split("\n");
    rest = (lines.pop() ?? "").slice(0, maxRecord);
    failure ||= lines.find((line) => line.includes('"error":')) ?? "";
  }
  failure ||= rest.includes('"error":') ? rest : "";
  if (failure !== "") throw refused(path, { status: 200, text: failure.replace('"error":', '"message":') });
}

const maxRecord = 64 * 1024;

function isReset(thrown: unknown): boolean {
  const cause = thrown instanceof PlimsollError ? thrown.cause : thrown;
  return cause instanceof Error && "code" in cause && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
}

function unreachable(socketPath: string, cause: unknown): PlimsollError {
  return new PlimsollError("ENGINE_UNREACHABLE", `engine at ${socketPath}: ${errorText(cause)}`, {
    hint: "start the engine, or name its socket in the configuration",
    cause,
  });
}

function refused(path: string, answer: Answer): PlimsollError {
  const said = /"message":"((?:[^"\\]|\\.){0,300})/.exec(answer.text)?.[1] ?? "";
  return new PlimsollError("ENGINE_REFUSED", `engine: ${withoutQuery(path)}: status ${answer.status} ${said}`.trim(), {
    hint: "look at the engine's own log",
  });
}

function withoutQuery(path: string): string {
  return path.split("?", 1)[0] ?? path;
}
