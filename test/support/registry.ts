// Debian's docker-registry on the loopback address of an engine's own network: push and pull without leaving the host.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestEngine } from "./engine.ts";

export type TestRegistry = {
  /** `127.0.0.1:5000`: what goes before the slash of an image name. Reachable from the engine's network only. */
  readonly host: string;
  readonly close: () => Promise<void>;
};

export async function startRegistry(engine: TestEngine, port = 5000): Promise<TestRegistry> {
  const folder = await mkdtemp(join(engine.folder, "registry-"));
  const config = join(folder, "config.yml");
  await mkdir(join(folder, "data"));
  await writeFile(config, configuration(join(folder, "data"), port));
  const [program = "", ...inside] = engine.inNetwork();
  const child = spawn(program, [...inside, "setpriv", "--pdeathsig=KILL", "docker-registry", "serve", config], {
    stdio: "ignore",
  });
  await answers(engine, port);
  const close = async (): Promise<void> => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { host: `127.0.0.1:${port}`, close };
}

function configuration(data: string, port: number): string {
  return `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${data} }, delete: { enabled: true } }
http: { addr: "127.0.0.1:${port}" }
`;
}

async function answers(engine: TestEngine, port: number): Promise<void> {
  const [program = "", ...inside] = engine.inNetwork();
  for (let tries = 0; tries < 100; tries++) {
    const asks = `fetch("http://127.0.0.1:${port}/v2/").then(() => process.exit(0), () => process.exit(1))`;
    const probe = spawn(program, [...inside, process.execPath, "--eval", asks]);
    const [code] = await once(probe, "exit");
    if (code === 0) return;
    await sleep(100);
  }
  throw new Error(`docker-registry did not answer on port ${port}`);
}
