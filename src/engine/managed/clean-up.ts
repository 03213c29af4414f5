// After the managed engine has stopped: nothing of it is left on the host but its state folder.

import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lowerFirewall } from "./firewall.ts";
import type { HostBefore } from "./host-before.ts";
import type { ManagedPaths } from "./paths.ts";
import { processesNamed, sharesNetworkWithUs } from "./process.ts";
import { run } from "./run.ts";

/** @param bridges of networks that clients made; dockerd keeps them when it stops */
export async function cleanUp(
  paths: ManagedPaths,
  before: HostBefore | undefined,
  bridges: readonly string[],
): Promise<void> {
  const runFolder = dirname(paths.privateFolder);
  const remapped = [runFolder, paths.privateFolder].flatMap(remappedFolders);
  await unmountUnder([paths.execRoot, paths.dataRoot, ...remapped]);
  for (const folder of [paths.privateFolder, ...remapped]) rmSync(folder, { recursive: true, force: true });
  removeEmpty(runFolder);
  rmSync(paths.configFile, { force: true });
  if (before === undefined || before.network.kind === "none") return;
  const ours = [before.network.bridge, ...bridges];
  for (const bridge of ours) await run("ip", ["link", "delete", "dev", bridge]);
  if (before.network.kind === "beside") await lowerFirewall(before.network);
  else await removeEngineRules(before, ours);
  rmSync(paths.hostBeforeFile, { force: true });
}

/**
 * With user namespaces dockerd puts bundles beside the first folder that not everybody may pass through: `engine.1000.1000`.
 * Source: moby/moby, libcontainerd/remote/client_linux.go (prepareBundleDir).
 */
function remappedFolders(folder: string): readonly string[] {
  const parent = dirname(folder);
  if (!existsSync(parent)) return [];
  const start = `${basename(folder)}.`;
  const names = readdirSync(parent).filter(
    (name) => name.startsWith(start) && /^\d+\.\d+$/.test(name.slice(start.length)),
  );
  return names.map((name) => join(parent, name));
}

/** What else is in the run folder is somebody else's. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // not empty, or gone already
  }
}

/** Overlays, shm and network namespaces that a killed engine left, and the data root, which dockerd mounts on itself. */
async function unmountUnder(folders: readonly string[]): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n").map(mountPoint);
  const under = mounts.filter((path) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`)));
  for (const path of under.reverse()) await run("umount", ["--lazy", "--", path]);
}

/** Field 5 of mountinfo; space, tab, newline and backslash are written in octal. */
function mountPoint(line: string): string {
  const path = line.split(" ")[4] ?? "";
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

async function removeEngineRules(before: HostBefore, bridges: readonly string[]): Promise<void> {
  const isShared = before.hadDockerChains || processesNamed("dockerd").some((pid) => sharesNetworkWithUs(pid));
  for (const program of ["iptables", "ip6tables"]) {
    for (const table of ["filter", "nat", "raw"]) await removeTableRules(program, table, bridges, isShared);
  }
  if (isShared) return;
  await run("iptables", ["--wait", "10", "-P", "FORWARD", before.forwardPolicy]);
  await run("sysctl", ["-q", "-w", `net.ipv4.ip_forward=${before.ipForward}`]);
}

async function removeTableRules(
  program: string,
  table: string,
  bridges: readonly string[],
  isShared: boolean,
): Promise<void> {
  const listed = await run(program, ["--wait", "10", "-t", table, "-S"]);
  if (!listed.ok) return;
  const lines = listed.output.split("\n");
  const rules = lines.map((line) => line.split(" ")).filter((words) => words[0] === "-A");
  for (const words of rules) {
    const isOurs = words.some((word) => bridges.includes(word)) || (!isShared && isJump(words));
    if (isOurs) await run(program, ["--wait", "10", "-t", table, "-D", ...words.slice(1)]);
  }
  if (!isShared) await removeChains(program, table, lines);
}

/** A rule of a built-in chain that leads to one of Docker's chains. */
function isJump(words: readonly string[]): boolean {
  return !isDockerChain(words[1] ?? "") && isDockerChain(words.at(-1) ?? "");
}

/** DOCKER-USER holds the operator's own rules: it stays when there are any. */
async function removeChains(program: string, table: string, lines: readonly string[]): Promise<void> {
  const hasOwnRules = lines.some((line) => line.startsWith("-A DOCKER-USER ") && line !== "-A DOCKER-USER -j RETURN");
  const chains = lines.filter((line) => line.startsWith("-N ")).map((line) => line.slice(3));
  const gone = chains.filter((name) => isDockerChain(name) && !(hasOwnRules && name === "DOCKER-USER"));
  for (const chain of gone) await run(program, ["--wait", "10", "-t", table, "-F", chain]);
  for (const chain of gone) await run(program, ["--wait", "10", "-t", table, "-X", chain]);
}

function isDockerChain(name: string): boolean {
  return name === "DOCKER" || /^DOCKER-[A-Z0-9-]+$/.test(name);
}
