// A socket of the test's own, and other processes that connect to it: what the gate would see of them.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { identify, identitySettings } from "../../src/identity/identify.ts";
import { unixPeer } from "../../src/identity/providers/unix-peer.ts";
import type { Principal } from "../../src/model/principal.ts";

export type Meeting = {
  readonly folder: string;
  readonly path: string;
  /** Runs a command that connects, and names the caller in the turn that accepted it. */
  readonly whoIs: (command: readonly string[]) => Promise<Principal | string>;
  /** Runs a command that connects, and names the caller once `ready` has come. */
  readonly whoIsLater: (command: readonly string[], ready: (line: string) => boolean) => Promise<Principal | string>;
};

/** Connects to the path in its last argument and waits for the other end to close. */
export const connecting: readonly string[] = [
  "/usr/bin/python3",
  "-c",
  "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1)",
];

export async function openMeeting(t: TestContext): Promise<Meeting> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-peer-"));
  chmodSync(folder, 0o755);
  const path = join(folder, "socket");
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o666);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    path,
    whoIs: (command) => meet(server, command, async () => undefined),
    whoIsLater: (command, ready) => meet(server, command, (child) => lineOf(child, ready)),
  };
}

async function meet(
  server: Server,
  [program = "", ...words]: readonly string[],
  wait: (child: ChildProcess) => Promise<void>,
): Promise<Principal | string> {
  const named = Promise.withResolvers<Principal | string>();
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  const waiting = wait(child);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.on("close", (code) => named.reject(new Error(`the caller ended (${code}) before it was named: ${said}`)));
  server.once("connection", (socket) => {
    const answer = (): void => {
      named.resolve(nameOf(socket));
      socket.destroy();
    };
    if (wait.length === 0) answer();
    else void waiting.then(answer);
  });
  try {
    return await named.promise;
  } finally {
    child.kill("SIGKILL");
  }
}

async function lineOf(child: ChildProcess, ready: (line: string) => boolean): Promise<void> {
  for await (const chunk of child.stdout ?? []) if (ready(String(chunk))) return;
}

/** The principal, or the sentence of the refusal. */
export function nameOf(socket: Socket): Principal | string {
  const handle: unknown = Reflect.get(socket, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof fd !== "number") throw new Error("the socket has no descriptor");
  try {
    return identify({ transport: "unix", fd }, [unixPeer], identitySettings());
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === "NOT_AUTHENTICATED") return thrown.message;
    throw thrown;
  }
}
