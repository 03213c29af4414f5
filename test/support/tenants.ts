// Callers with other user ids. Each is a small process of that user that relays a socket, so the gate meets it as it
// would meet any other user of the host.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type TenantOptions = {
  readonly uid: number;
  /** Default: the uid. */
  readonly gid?: number;
  /** Further groups, as numbers. */
  readonly groups?: readonly number[];
};

export type Tenant = {
  readonly uid: number;
  /** Connect here to reach the target socket as this user. */
  readonly socket: string;
  /** The process that the target sees. */
  readonly pid: number;
  readonly close: () => Promise<void>;
};

/** @param target the socket to reach, usually a gate's; it must admit the user (mode 0666 or its group) */
export async function startTenant(target: string, options: TenantOptions): Promise<Tenant> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-tenant-"));
  const socket = join(folder, "docker.sock");
  const program = fileURLToPath(new URL("./relay.ts", import.meta.url));
  const groups = (options.groups ?? []).join(",");
  const args = [program, String(options.uid), String(options.gid ?? options.uid), groups, socket, target];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  await ready(child);
  return { uid: options.uid, socket, pid: child.pid ?? 0, close: () => close(child, folder) };
}

async function ready(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit").then(() => "exit");
  const first = await Promise.race([once(child.stdout ?? child, "data").then(() => "ready"), ended]);
  if (first === "exit") throw new Error(`the relay process ended with status ${child.exitCode}`);
}

async function close(child: ChildProcess, folder: string): Promise<void> {
  const ended = child.exitCode === null ? once(child, "exit") : undefined;
  child.kill("SIGKILL");
  await ended;
  await rm(folder, { recursive: true, force: true });
}
