// A Debian with the servers that ordinary containers run: nginx, PostgreSQL, a Java runtime, cron, and our Node. Installed
// once by debootstrap from the mirror that this machine is set up with, kept as an archive in the test cache.

import { execFile } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, debianMirror, withLock } from "../newer-suite.ts";

const packages = ["nginx-light", "postgresql", "openjdk-17-jre-headless", "cron", "curl", "ca-certificates"];
const run = promisify(execFile);

export const ordinaryImage = "ordinary:1";

/** Path of the archive, or the reason why it cannot be had. */
export async function ordinaryRoot(): Promise<{ readonly archive: string } | { readonly why: string }> {
  const archive = join(cacheFolder(), "ordinary-2.tar");
  if (existsSync(archive)) return { archive };
  if (process.getuid?.() !== 0) return { why: "needs root to install a Debian" };
  try {
    await withLock(`${archive}.lock`, async () => {
      if (!existsSync(archive)) await makeArchive(archive);
    });
    return { archive };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1);
    return { why: `a Debian with servers cannot be had: ${reason}` };
  }
}

/** Servers that packages start at once live in namespaces that end with the installer. */
const alone = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

async function makeArchive(archive: string): Promise<void> {
  const root = `${archive}.root`;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const [program = "", ...args] = alone;
  const include = `--include=${packages.join(",")}`;
  const install = ["debootstrap", "--variant=minbase", include, "bookworm", root, await debianMirror()];
  await run(program, [...args, ...install], { timeout: 900_000, maxBuffer: 64 << 20 });
  await packRoot(root, archive);
  rmSync(root, { recursive: true, force: true });
}

/** The package of cron stays, to be installed again; documents and lists do not. */
async function packRoot(root: string, archive: string): Promise<void> {
  mkdirSync(join(root, "opt/packages"), { recursive: true });
  await run("find", [
    join(root, "var/cache/apt/archives"),
    "-name",
    "cron_*.deb",
    "-exec",
    "cp",
    "{}",
    join(root, "opt/packages"),
    ";",
  ]);
  await run("cp", [process.execPath, join(root, "usr/bin/node")]);
  writeFileSync(join(root, "etc/cron.d/ordinary"), "@reboot root /bin/touch /tmp/cron-was-here\n");
  const left = ["./dev/*", "./proc/*", "./sys/*", "./usr/share/doc/*", "./usr/share/locale/*", "./var/lib/apt/lists/*"];
  const skipped = [...left, "./var/cache/apt/*"].map((path) => `--exclude=${path}`);
  await run("tar", ["--numeric-owner", ...skipped, "-C", root, "-cf", `${archive}.new`, "."], { timeout: 600_000 });
  renameSync(`${archive}.new`, archive);
}

/** Imports it. @returns what the engine said */
export function importOrdinary(socket: string, archive: string): Promise<string> {
  const query = new URLSearchParams({ fromSrc: "-", repo: "ordinary", tag: "1", changes: 'CMD ["bash"]' });
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/x-tar", "Content-Length": statSync(archive).size };
    const path = `/images/create?${query}`;
    const call = httpRequest({ socketPath: socket, method: "POST", path, headers }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += String(chunk);
      });
      answer.on("end", () =>
        answer.statusCode === 200 && !text.includes('"error"') ? resolve(text) : reject(new Error(text)),
      );
    });
    call.on("error", reject);
    createReadStream(archive).pipe(call);
  });
}
