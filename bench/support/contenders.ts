// Who stands between client and engine: nobody, Plimsoll, what most people use (HAProxy with a path filter), and the
// least that a process in between can do (bytes copied from socket to socket).

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startGate } from "../../test/support/gate.ts";
import { accepts } from "../../test/support/http.ts";

export type ContenderName = "direct" | "gate" | "haproxy" | "splice";

export type Contender = { readonly name: ContenderName; readonly socket: string; readonly pid: number };

export type Contenders = { readonly all: readonly Contender[]; readonly close: () => Promise<void> };

/** The rules of the socket proxies that are HAProxy inside, with everything allowed that the benchmark asks for. */
const haproxyConfiguration = (socket: string, engine: string): string => `
global
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 10m
  timeout server 10m
frontend docker
  bind unix@${socket} mode 600
  http-request deny unless METH_GET || METH_HEAD || { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/(containers|images) }
  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/(_ping|version|events|info) }
  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/(containers|images|networks|volumes) }
  http-request deny
  default_backend engine
backend engine
  server engine unix@${engine}
`;

export async function startContenders(engine: string): Promise<Contenders> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-bench-"));
  const gate = await startGate(
    { socket: engine },
    {
      ...{ mode: "enforce", policies: ["baseline"], isQuiet: true },
      configuration: { admission: { enabled: "auto" } },
    },
  );
  const sockets = { haproxy: join(folder, "haproxy.sock"), splice: join(folder, "splice.sock") };
  await writeFile(join(folder, "haproxy.cfg"), haproxyConfiguration(sockets.haproxy, engine));
  const haproxy = spawn("haproxy", ["-q", "-db", "-f", join(folder, "haproxy.cfg")], { stdio: "inherit" });
  const program = fileURLToPath(new URL("splice.ts", import.meta.url));
  const splice = spawn(process.execPath, [program, sockets.splice, engine], { stdio: "inherit" });
  await Promise.all(Object.values(sockets).map(ready));
  return {
    all: [
      { name: "direct", socket: engine, pid: 0 },
      { name: "gate", socket: gate.socket, pid: gate.pid() },
      { name: "haproxy", socket: sockets.haproxy, pid: haproxy.pid ?? 0 },
      { name: "splice", socket: sockets.splice, pid: splice.pid ?? 0 },
    ],
    async close() {
      await Promise.all([end(haproxy), end(splice), gate.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(socket: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await accepts(socket)) return;
    await sleep(50);
  }
  throw new Error(`nobody listens on ${socket}`);
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
