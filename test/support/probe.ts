// Ears for attacks that make the engine talk: a web server on the engine's loopback address, and unix sockets on the host.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import type { TestEngine } from "./engine.ts";

export type Probe = {
  /** Port on 127.0.0.1 of the engine's network. */
  readonly port: number;
  /** Everything that came since the last clear. */
  readonly heard: () => string;
  readonly clear: () => Promise<void>;
  /** Also listens on a unix socket that only root may open. */
  readonly listen: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

export async function startProbe(engine: TestEngine, port = 17999): Promise<Probe> {
  const [program = "", ...inside] = engine.inNetwork();
  const listener = fileURLToPath(new URL("./probe-listener.ts", import.meta.url));
  const child = spawn(program, [...inside, process.execPath, listener, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let heard = "";
  await once(child.stdout, "data");
  child.stdout.on("data", (data) => {
    heard += String(data);
  });
  const sockets = new Map<string, Server>();
  const clear = async (): Promise<void> => {
    heard = "";
    for (const [path, server] of sockets) {
      server.close();
      await rm(path, { force: true });
    }
    sockets.clear();
  };
  const listen = async (path: string): Promise<void> => {
    const server = createServer((peer) => {
      peer.on("error", () => peer.destroy());
      peer.on("data", (data) => {
        heard += data.toString("latin1");
      });
    });
    sockets.set(path, server);
    await once(server.listen(path), "listening");
    await chmod(path, 0o600);
  };
  const close = async (): Promise<void> => {
    await clear();
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { port, heard: () => heard, clear, listen, close };
}
