// Questions to an engine over its unix socket, each within limits of bytes and time. Nothing is changed there.

import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { errorText, limitExceeded, malformed, PlimsollError } from "../../base/errors.ts";
import { decodeJson } from "../../base/json.ts";
import { http } from "../../base/node-http.ts";
import type { JsonValue } from "../../model/json.ts";
import { withDeadlines } from "../deadlines.ts";
import type { SourceSettings } from "../source.ts";

const maxAnswerBytes = 8 * 1024 * 1024;

/** @returns undefined when the engine does not know the thing @throws PlimsollError ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function askEngine(path: string, settings: SourceSettings): Promise<JsonValue | undefined> {
  const answer = await call(path, settings);
  const bytes = await readWhole(answer);
  if (answer.statusCode === 404) return undefined;
  if (answer.statusCode !== 200) throw refused(path, answer.statusCode);
  return decodeJson(bytes, { maxBytes: maxAnswerBytes, duplicates: "exact" });
}

/** The body of an answer as it comes, at most `maxLayerBytes`. */
export async function streamFromEngine(path: string, settings: SourceSettings): Promise<Readable> {
  const answer = await call(path, settings);
  if (answer.statusCode === 200) return answer;
  answer.destroy();
  throw refused(path, answer.statusCode);
}

async function call(path: string, settings: SourceSettings): Promise<IncomingMessage> {
  // Node takes an empty socket path for port 80 of this host.
  if (settings.engineSocket === "") throw noEngine();
  return await new Promise((resolve, reject) => {
    const headers = { Host: "engine", ...settings.engineHeaders };
    const asked = http().request({ socketPath: settings.engineSocket, path, headers, agent: false });
    withDeadlines(asked, settings);
    asked.on("response", resolve);
    asked.on("error", (cause) => {
      const known = cause instanceof PlimsollError;
      reject(known ? cause : unreachable(settings.engineSocket, cause));
    });
    asked.end();
  });
}

async function readWhole(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer) {
    if (!(piece instanceof Uint8Array)) throw malformed("engine", "an answer that is no bytes");
    length += piece.length;
    if (length > maxAnswerBytes) throw limitExceeded("engine", `an answer of more than ${maxAnswerBytes} bytes`);
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

function refused(path: string, status: number | undefined): PlimsollError {
  return new PlimsollError("ENGINE_REFUSED", `engine: ${status} for ${path}`, { hint: "look into the engine's log" });
}

function noEngine(): PlimsollError {
  const hint = "start the engine, or name its socket with DOCKER_HOST";
  return new PlimsollError("ENGINE_UNREACHABLE", "no engine: none of the usual sockets is there", { hint });
}

function unreachable(socket: string, cause: Error): PlimsollError {
  return new PlimsollError("ENGINE_UNREACHABLE", `engine at ${socket}: ${errorText(cause)}`, {
    hint: "start the engine, or name its socket with DOCKER_HOST",
    cause,
  });
}
