// Containers of engines without a daemon: Podman, as root and as a plain user, and LXC. Each runs one container to its end, in a
// mount namespace of its own and without a network, on control groups of either version.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { inCgroups } from "../engine.ts";
import { busyboxFiles } from "../images.ts";
import { tar } from "../tar.ts";

export type OtherRun = { readonly exitCode: number; readonly output: string };

export function whyNoProgram(...paths: readonly string[]): string | undefined {
  const missing = paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return false;
    } catch {
      return true;
    }
  });
  return missing === undefined
    ? undefined
    : `needs the program ${missing} (Debian packages: scripts/packages/test.txt)`;
}

/** A folder with the files of busybox as an archive, that everybody may enter. */
export async function prepareFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-other-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  await chmod(folder, 0o755);
  await writeFile(join(folder, "root.tar"), tar(await busyboxFiles()));
  return folder;
}

export type PodmanOptions = {
  readonly folder: string;
  readonly cgroups?: "1" | "2";
  readonly runtime: "runc" | "crun";
  /** Rootless: by the owner of this control group below the root of version 2, who has it to himself. */
  readonly user?: { readonly uid: number; readonly group: string };
  /** A systemd makes the groups; words that run a command in its namespaces. */
  readonly systemd?: readonly string[];
  /** More words for `podman run`. */
  readonly more?: readonly string[];
  readonly command: readonly string[];
};

/** Limits that Podman asks for by itself are more than every machine may give. */
const modest = ["--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", "--pids-limit=0"];

export async function runPodman(options: PodmanOptions): Promise<OtherRun> {
  const { folder, cgroups, runtime, user, systemd, more = [], command } = options;
  const places = ["home", "run", "data", "state", "tmp"].map((name) => join(folder, name));
  for (const place of places) await mkdir(place, { recursive: true });
  const [home = "", run = "", data = "", state = "", temporary = ""] = places;
  const storage = join(folder, "storage.conf");
  // A user alone has one number: files of others become his.
  const ignoring = user === undefined ? "" : '[storage.options.vfs]\nignore_chown_errors = "true"\n';
  await writeFile(storage, `[storage]\ndriver = "vfs"\ngraphroot = "${data}"\nrunroot = "${state}"\n${ignoring}`);
  const manager = systemd === undefined ? "cgroupfs" : "systemd";
  const podman = `podman --cgroup-manager=${manager} --runtime=${runtime} --events-backend=none --tmpdir=${temporary}`;
  const group = user === undefined ? "" : ` --cgroup-parent=/${user.group}`;
  const script = [
    "set -e",
    `${podman} import ${join(folder, "root.tar")} bb:1 >/dev/null 2>&1`,
    `exec ${podman} run --rm ${[...modest, ...more].join(" ")}${group} bb:1 "$@"`,
  ].join("\n");
  const shell = ["sh", "-c", script, "sh", ...command];
  const by = user === undefined ? shell : [...asUser(folder, user), ...shell];
  const environment = { HOME: home, XDG_RUNTIME_DIR: run, CONTAINERS_STORAGE_CONF: storage };
  return await runAlone([...(systemd ?? inCgroups(cgroups)), ...by], environment);
}

/** In a control group of the user's own, as a service manager would put him. */
function asUser(folder: string, { uid, group }: { readonly uid: number; readonly group: string }): readonly string[] {
  const own = `/sys/fs/cgroup/${group}`;
  const script = [
    `mkdir -p ${own}/caller && chown -R ${uid}:${uid} ${own} ${folder}`,
    `echo $$ > ${own}/caller/cgroup.procs`,
    `exec setpriv --reuid=${uid} --regid=${uid} --clear-groups "$@"`,
  ].join("\n");
  return ["sh", "-c", script, "sh"];
}

export type LxcOptions = {
  readonly folder: string;
  readonly cgroups?: "1" | "2";
  readonly name: string;
  readonly command: readonly string[];
};

export async function runLxc({ folder, cgroups, name, command }: LxcOptions): Promise<OtherRun> {
  const root = join(folder, name, "rootfs");
  await mkdir(root, { recursive: true });
  await cp(join(folder, "root.tar"), join(folder, name, "root.tar"));
  const configuration = [
    `lxc.rootfs.path = dir:${root}`,
    `lxc.uts.name = ${name}`,
    ...["lxc.net.0.type = empty", "lxc.mount.auto = proc:mixed sys:ro", "lxc.apparmor.profile = unconfined"],
  ];
  await writeFile(join(folder, name, "config"), `${configuration.join("\n")}\n`);
  const script = `tar -xf ${join(folder, name, "root.tar")} -C ${root} && exec lxc-execute -P ${folder} -n ${name} -- "$@"`;
  return await runAlone([...inCgroups(cgroups), "sh", "-c", script, "sh", ...command], {});
}

async function runAlone(command: readonly string[], more: Readonly<Record<string, string>>): Promise<OtherRun> {
  const words = ["--pdeathsig=KILL", "unshare", "--mount", "--propagation=private", ...command];
  const child = spawn("setpriv", words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...more },
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => parts.push(String(chunk)));
  const [exitCode] = await once(child, "close");
  return { exitCode: Number(exitCode), output: parts.join("") };
}
