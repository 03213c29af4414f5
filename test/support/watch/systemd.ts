// A real systemd, as the first process of namespaces of its own, on control groups of version 2 alone: it runs the units that a
// test gives it, and nothing that this machine has. It needs no message bus: root speaks to it through its private socket.
// Source: systemd's "The Container Interface"; systemd.unit(5), "Unit File Load Path".

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findHierarchy } from "../../../src/watch/containers/hierarchy.ts";
import { endNamespaces, engineGroup, firstChild, makeEngineFolder, ownNamespaces, removeCgroups } from "../engine.ts";
import { eventually } from "../eventually.ts";
import { whyNoProgram } from "./other-engines.ts";

const program = "/lib/systemd/systemd";
const run = promisify(execFile);

export type TestSystemd = {
  /** The same path inside and outside; removed on close. */
  readonly folder: string;
  /** The group that is its root, as the kernel names it: `/plimsoll-test-abc123`. */
  readonly group: string;
  /** @param units text of unit files by name */
  readonly addUnits: (units: Readonly<Record<string, string>>) => Promise<void>;
  /** @returns what it said @throws Error when it fails */
  readonly control: (...words: readonly string[]) => Promise<string>;
  /** Puts a command into its namespaces: `[...systemd.within, "ls"]`. */
  readonly within: readonly string[];
  readonly close: () => Promise<void>;
};

export function whyNoSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root to start a systemd";
  try {
    findHierarchy("2");
  } catch {
    return "needs control groups of version 2";
  }
  return whyNoProgram(program, "/usr/bin/systemctl", "/usr/bin/nsenter");
}

/** @throws Error with its last words when it does not come up */
export async function startSystemd(): Promise<TestSystemd> {
  const folder = await makeEngineFolder();
  await chmod(folder, 0o755);
  const group = engineGroup(folder);
  const top = join(findHierarchy("2").folder, group);
  await mkdir(top);
  for (const name of ["units", "etc"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "units/plimsoll.target"), "[Unit]\nDefaultDependencies=no\n");
  const child = boot(folder, top);
  const close = async (): Promise<void> => {
    await endNamespaces(child);
    await removeCgroups(group);
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const within = await enter(child, folder);
    const control = (...words: readonly string[]): Promise<string> => say([...within, "systemctl", ...words]);
    return {
      ...{ folder, group: `/${group}`, within, control, close },
      async addUnits(units) {
        for (const [name, text] of Object.entries(units)) await writeFile(join(folder, "units", name), text);
        await control("daemon-reload");
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What it would write to /etc stays in the folder, what it says to the console goes nowhere, and numbers of the kernel that it would raise stay. */
const script = `folder=$1; shift
echo 0 > "$1/cgroup.procs"; shift
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs tmpfs "$folder/etc"
mkdir "$folder/etc/upper" "$folder/etc/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$folder/etc/upper,workdir=$folder/etc/work" /etc
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /dev/null /dev/console
ip link set lo up
exec unshare --cgroup sh -ec 'mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"' sh "$@"`;

function boot(folder: string, top: string): ChildProcess {
  const log = openSync(join(folder, "log"), "a");
  const switches = ["--system", "--unit=plimsoll.target", "--log-target=console", "--show-status=no"];
  const [alone = "", ...words] = [...ownNamespaces, "--ipc", "--uts"];
  const child = spawn(alone, [...words, "sh", "-ec", script, "sh", folder, top, program, ...switches], {
    stdio: ["ignore", log, log],
    env: {
      PATH: process.env["PATH"],
      container: "plimsoll-test",
      ...lookups(folder),
    },
  });
  closeSync(log);
  return child;
}

/** Units of the test alone, and nobody who makes more of what this machine has. */
function lookups(folder: string): Readonly<Record<string, string>> {
  return {
    SYSTEMD_UNIT_PATH: join(folder, "units"),
    SYSTEMD_GENERATOR_PATH: join(folder, "none"),
    SYSTEMD_ENVIRONMENT_GENERATOR_PATH: join(folder, "none"),
  };
}

async function enter(child: ChildProcess, folder: string): Promise<readonly string[]> {
  const first = await eventually(
    () => firstChild(child.pid ?? 0),
    (found) => found !== undefined || child.exitCode !== null,
  );
  const within = ["nsenter", "--all", `--target=${first}`];
  const state = await eventually(
    () => say([...within, "systemctl", "is-active", "plimsoll.target"]).catch(() => ""),
    (said) => said === "active\n" || child.exitCode !== null,
  );
  if (state === "active\n") return within;
  throw new Error(`systemd did not come up; it said:\n${await readFile(join(folder, "log"), "utf8")}`);
}

async function say([name = "", ...words]: readonly string[]): Promise<string> {
  return (await run(name, words)).stdout;
}

/** An engine that systemd starts, and that asks it for the groups of its containers. */
export async function startDocker(systemd: TestSystemd, service: readonly string[] = []): Promise<string> {
  const { folder } = systemd;
  const [socket, log] = [join(folder, "docker.sock"), join(folder, "docker.log")];
  const command = [
    "/usr/sbin/dockerd",
    `--host=unix://${socket}`,
    `--data-root=${join(folder, "data")}`,
    `--exec-root=${join(folder, "exec")}`,
    `--pidfile=${join(folder, "pid")}`,
    "--exec-opt=native.cgroupdriver=systemd",
    ...["--bridge=none", "--iptables=false", "--ip6tables=false", "--live-restore"],
  ];
  const lines = [
    "[Unit]",
    "DefaultDependencies=no",
    "[Service]",
    "Type=notify",
    `ExecStart=${command.join(" ")}`,
    `StandardError=append:${log}`,
    ...["TimeoutStartSec=120", "Delegate=yes", "KillMode=process"],
    ...service,
  ];
  await systemd.addUnits({ "docker.service": `${lines.join("\n")}\n` });
  await systemd.control("start", "docker.service").catch(async (cause: unknown) => {
    const said = (await readFile(log, "utf8").catch(() => "")).split("\n").slice(-15).join("\n");
    throw new Error(`the engine did not start; it said:\n${said}`, { cause });
  });
  return socket;
}

/** Number of the user whose systemd it is. */
export const nobody = 65_534;

/**
 * A user's own systemd, in a part of the tree that he was given; it runs the command as a unit.
 * @returns ends it
 */
export async function startOfUser(systemd: TestSystemd, command: readonly string[]): Promise<() => Promise<void>> {
  const home = join(systemd.folder, "user");
  const environment = [
    `HOME=${home}`,
    `XDG_RUNTIME_DIR=${home}`,
    ...Object.entries(lookups(systemd.folder)).map((pair) => pair.join("=")),
  ];
  const asked = ["[Unit]", "DefaultDependencies=no", "[Service]", "Type=oneshot", `ExecStart=${command.join(" ")}`];
  const manager = [
    ...["[Unit]", "DefaultDependencies=no", "[Service]", "Type=exec", "User=nobody", "Delegate=yes"],
    `Environment=${environment.join(" ")}`,
    `ExecStartPre=+install -d -o ${nobody} ${home}`,
    `ExecStart=${program} --user --unit=asked.service`,
  ];
  await systemd.addUnits({ "asked.service": asked.join("\n"), "user.service": manager.join("\n") });
  await systemd.control("start", "user.service");
  return async () => void (await systemd.control("kill", "--signal=KILL", "user.service"));
}
