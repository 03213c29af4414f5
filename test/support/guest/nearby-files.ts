// What the guest reads again and again, as archives that its memory takes at the start: the repository, and the programs that
// start containers with their libraries. Each file that is opened on the host costs an emulated machine milliseconds;
// what is large and opened seldom stays there.

import { execFile } from "node:child_process";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where the guest has the repository, whichever folder of the host it comes from: what was compiled there stays usable. */
export const guestRepository = "/opt/plimsoll";

const programs = `
/bin/sh /bin/bash /bin/busybox /bin/mount /bin/umount /bin/cat /bin/grep /bin/cut /bin/sleep /bin/rm /bin/kmod
/usr/bin/containerd-shim-runc-v2 /usr/sbin/runc /usr/bin/crun /usr/bin/docker-init
/usr/bin/setpriv /usr/bin/unshare /usr/bin/nsenter /sbin/ip /usr/bin/python3 /usr/bin/env
/usr/bin/conmon /usr/bin/lxc-execute`;

/** What no test reads in the guest, and what is large and read once. */
const left = [".git", ".cache", "dist/attacks", "node_modules"];

/** Somebody may work in it meanwhile. @throws Error when tar fails */
export async function packRepository(repository: string, archive: string): Promise<void> {
  const excludes = left.map((path) => `--exclude=./${path}`);
  const reading = run("tar", ["--format=gnu", "--anchored", ...excludes, "-C", repository, "-cf", archive, "."]);
  await reading.catch((error: unknown) => {
    if (!isAboutChange(error)) throw error;
  });
}

/** Source: tar(1): 1 is "some files differ". */
function isAboutChange(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 1;
}

/** @throws Error when tar fails */
export async function packPrograms(archive: string): Promise<void> {
  const present = programs.split(/\s+/).filter((path) => path !== "" && existsSync(path));
  const libraries = (await Promise.all(present.map(librariesOf))).flat();
  const paths = new Set([...present, ...libraries, "/usr/lib/x86_64-linux-gnu/libbpf.so.1"].flatMap(chain));
  await run("tar", ["--format=gnu", "-C", "/", "-cf", archive, ...[...paths].map((path) => path.slice(1))]);
}

/** Source: ldd(1). A program that is not dynamic has none. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}

/** A path without symbolic folders, and what it leads to: a library has several names. */
function chain(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const plain = join(realpathSync(dirname(path)), basename(path));
  if (!lstatSync(plain).isSymbolicLink()) return [plain];
  return [plain, ...chain(resolve(dirname(plain), readlinkSync(plain)))];
}
