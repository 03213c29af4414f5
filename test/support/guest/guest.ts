// A Debian 6.1 machine for one command, emulated by QEMU: a kernel with BPF LSM and AppArmor on the host's own files, read
// only, under a layer of memory. It needs no /dev/kvm, has no network, and whatever happens in it is gone with it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, closeSync, constants, createReadStream, existsSync, openSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../../../src/engine/managed/process.ts";
import { cacheFolder } from "../newer-suite.ts";
import { type GuestKernel, guestKernel } from "./kernel.ts";
import { guestRepository, packPrograms, packRepository } from "./nearby-files.ts";

export type GuestCommand = {
  readonly argv: readonly string[];
  /** Starting the machine included. */
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command leaves in /run/guest/out is copied into this folder of the host. */
  readonly out?: string;
  /** What the command says, as it says it. */
  readonly onOutput?: (chunk: Buffer) => void;
};

export type GuestResult = {
  /** Undefined when the machine ended before the command did. */
  readonly exitCode: number | undefined;
  readonly output: string;
  /** Release, and the security modules in use. */
  readonly kernel: string;
  readonly console: string;
};

/** Why no guest can be started here; undefined when one can. */
export async function whyNoGuest(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "needs root to start a guest that may read every file of the host";
  if (process.arch !== "x64") return "the guest is for x86-64 hosts";
  const missing = ["qemu-system-x86_64", "busybox", "depmod", "setpriv", "nice"].find((name) => !isProgram(name));
  if (missing !== undefined) return `needs the program ${missing} (Debian packages: scripts/packages/test.txt)`;
  const kernel = await guestKernel();
  return "why" in kernel ? kernel.why : undefined;
}

/** @throws Error when no guest can be had */
export async function runInGuest(command: GuestCommand): Promise<GuestResult> {
  const kernel = await guestKernel();
  if ("why" in kernel) throw new Error(kernel.why);
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(folder, "owner"), String(process.pid));
  try {
    await fillShare(folder, kernel, command);
    const log = openSync(join(folder, "console"), "a");
    const [program = "", ...args] = machine(folder, kernel);
    const child = spawn(program, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    await followed(child, folder, command);
    await keepCompiled(folder);
    if (command.out !== undefined) await cp(join(folder, "out"), command.out, { recursive: true });
    return await result(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const prefix = "plimsoll-guest-";

/** What was left by those that were killed. */
async function sweep(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((each) => each.startsWith(prefix))) {
    const owner = await readFile(join(tmpdir(), name, "owner"), "utf8").catch(() => "");
    if (owner !== "" && !isRunning(Number(owner))) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** What the two halves of the guest's start read. */
async function fillShare(folder: string, kernel: GuestKernel, command: GuestCommand): Promise<void> {
  const repository = join(import.meta.dirname, "../../..");
  const settings = Object.entries(command.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const listed = (words: readonly string[]): string => words.map((word) => `${word}\0`).join("");
  await writeFile(join(folder, "initrd"), kernel.initrd);
  await writeFile(join(folder, "argv"), listed(command.argv));
  await writeFile(
    join(folder, "settings"),
    listed([guestRepository, kernel.packages, cacheFolder(), repository, ...settings]),
  );
  await writeFile(join(folder, "main.sh"), await readFile(join(repository, "scripts/vm/main.sh")));
  await writeFile(join(folder, "output"), "");
  await packRepository(repository, join(folder, "repository.tar"));
  await packPrograms(join(folder, "programs.tar"));
  await copyFile(compiled(), join(folder, "compiled.tar")).catch(() => undefined); // the first time there is none
  await mkdir(join(folder, "out"));
}

/** What Node compiled in guests before: without it every process compiles every file anew. */
function compiled(): string {
  return join(cacheFolder(), "guest-compiled.tar");
}

async function keepCompiled(folder: string): Promise<void> {
  const news = join(folder, "compiled-now.tar");
  if (!existsSync(news)) return;
  await copyFile(news, `${compiled()}.${process.pid}`);
  await rename(`${compiled()}.${process.pid}`, compiled());
}

/**
 * Without what costs an emulator more than it gives: string instructions that it plays byte by byte (five times the time of
 * every copy), a fifth level of page tables, wide vectors, and guards of the kernel's own memory.
 */
const processor = "max,-pku,-erms,-fsrm,-la57,-smap,-smep,-umip,-avx,-avx2,-mpx";
/** The same for the kernel: `rep_good` are string instructions, too. */
const quick = "clearcpuid=rep_good mitigations=off nokaslr";

/** It dies with us, and lets others go first. */
function machine(folder: string, kernel: GuestKernel): readonly string[] {
  const shared = "security_model=none,multidevs=remap";
  return [
    ...["setpriv", "--pdeathsig=KILL", "nice", "-n", "5", "qemu-system-x86_64"],
    ...["-M", "pc", "-accel", "tcg,thread=multi", "-cpu", processor, "-smp", "2", "-m", "4096"],
    ...["-nodefaults", "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none", "-no-reboot"],
    ...["-device", "virtio-rng-pci"],
    ...["-kernel", kernel.image, "-initrd", join(folder, "initrd")],
    ...["-append", `${quick} console=ttyS0 quiet panic=-1 lsm=landlock,lockdown,yama,integrity,apparmor,bpf`],
    ...["-virtfs", `local,path=/,mount_tag=host,readonly=on,${shared}`],
    ...["-virtfs", `local,path=${folder},mount_tag=share,${shared}`],
  ];
}

/** Passes on what the command says until the machine is off, or its time is over. */
async function followed(child: ChildProcess, folder: string, command: GuestCommand): Promise<void> {
  const ended = once(child, "exit");
  const end = Date.now() + command.timeoutMs;
  let said = 0;
  const passOn = async (): Promise<void> => {
    const { size } = await stat(join(folder, "output"));
    if (command.onOutput === undefined || size === said) return;
    for await (const chunk of createReadStream(join(folder, "output"), { start: said, end: size - 1 })) {
      command.onOutput(Buffer.from(chunk));
    }
    said = size;
  };
  while (child.exitCode === null && child.signalCode === null && Date.now() < end) {
    await Promise.race([ended, sleep(250)]);
    await passOn();
  }
  child.kill("SIGKILL");
  await ended;
  await passOn();
}

async function result(folder: string): Promise<GuestResult> {
  const text = async (name: string): Promise<string> => await readFile(join(folder, name), "utf8").catch(() => "");
  const exit = (await text("exit")).trim();
  return {
    exitCode: exit === "" ? undefined : Number.parseInt(exit, 10),
    output: await text("output"),
    kernel: (await text("kernel")).trim(),
    console: await text("console"),
  };
}

function isProgram(name: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}
