// The private socket of a running Plimsoll. Only its own user and root are answered.

import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { peerCredentials } from "../../base/native/peer-credentials.ts";
import { decode } from "../../base/schema.ts";
import { type ControlRequest, controlRequest, controlSocket } from "./protocol.ts";
import { readLine } from "./read-line.ts";

export interface ControlServer {
  close(): void;
}

export type ControlAnswer = Readonly<Record<string, unknown>>;

const requestTimeoutMs = 5_000;
const maxConnections = 16;

/**
 * @param answer its rejection reaches the asker as code, message and hint
 * @throws PlimsollError LISTEN_FAILED
 */
export async function openControlServer(
  runtimeFolder: string,
  answer: (request: ControlRequest) => Promise<ControlAnswer>,
): Promise<ControlServer> {
  const path = controlSocket(runtimeFolder);
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => void converse(socket, answer));
  server.maxConnections = maxConnections;
  await listenPrivately(server, path);
  return {
    close() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** The file is made with mode 0600: there is no moment in which others could open it. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenFailed(path, cause)));
    server.once("listening", () => resolve());
    const before = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
}

async function converse(socket: Socket, answer: (request: ControlRequest) => Promise<ControlAnswer>): Promise<void> {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(requestTimeoutMs, () => socket.destroy());
  try {
    requireOwnUser(socket);
    const line = await readLine(socket);
    if (line === undefined) return void socket.destroy();
    const request = decode(controlRequest, JSON.parse(line), { code: "MALFORMED_INPUT", where: "control socket" });
    socket.setTimeout(0);
    reply(socket, await answer(request));
  } catch (thrown) {
    const known = thrown instanceof PlimsollError ? thrown : undefined;
    reply(socket, {
      error: { code: known?.code ?? "MALFORMED_INPUT", message: errorText(thrown), hint: known?.hint ?? "report it" },
    });
  }
}

function requireOwnUser(socket: Socket): void {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  const uid = typeof fd === "number" ? readUid(fd) : -1;
  if (uid === 0 || uid === process.geteuid?.()) return;
  throw new PlimsollError("PERMISSION_NEEDED", `control socket: user ${uid} may not manage this plimsoll`, {
    hint: "run the command as root, or as the user that started plimsoll",
  });
}

function readUid(fd: number): number {
  return peerCredentials(fd, { pidfd: false }).uid;
}

function reply(socket: Socket, value: ControlAnswer): void {
  if (!socket.destroyed) socket.end(`${JSON.stringify(value)}\n`);
}

function listenFailed(path: string, cause: unknown): PlimsollError {
  return new PlimsollError("LISTEN_FAILED", `${path}: cannot be opened: ${errorText(cause)}`, {
    hint: "choose a runtime folder that this user may write, with a path shorter than 90 characters",
    cause,
  });
}
