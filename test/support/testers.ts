// The tester program (probes/testers), built by gcc when its sources changed, and the image that it is played in.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeImage } from "./images.ts";
import { cacheFolder, withLock } from "./newer-suite.ts";
import type { TarFile } from "./tar.ts";

const sources = join(import.meta.dirname, "../../probes/testers");
const options = ["-static", "-no-pie", "-O1", "-Wall", "-Wextra", "-Werror", "-std=gnu11"];
const run = promisify(execFile);

/** Path of the program. @throws Error when gcc is missing or refuses */
export async function buildTester(): Promise<string> {
  const files = globSync("*.[ch]", { cwd: sources }).sort();
  const hash = createHash("sha256").update(options.join(" "));
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(sources, file)));
  const folder = join(cacheFolder(), "testers");
  const program = join(folder, `tester-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  await withLock(`${program}.lock`, async () => {
    const code = files.filter((file) => file.endsWith(".c")).map((file) => join(sources, file));
    await run("gcc", [...options, "-o", `${program}.new`, ...code], { timeout: 120_000 });
    renameSync(`${program}.new`, program);
  });
  return program;
}

/** Names under which the program is in the image: what rules look for is often only a name. */
const otherNames =
  `apt-get base64 curl debugfs find grep httpd java kubectl login mount mysqld nc nmap nsenter pkexec python3 scp
id shred ssh sshd su sudoedit tcpdump unshare useradd xmrig`.split(/\s+/);

export const testerImage = "tester:1";

/** Makes the image: busybox, the tester under all its names, and the files that actions look for. */
export async function makeTesterImage(socket: string): Promise<string> {
  const program = readFileSync(await buildTester());
  const folders = [
    ...["testers", "mnt", "boot", "usr", "data", "host", "var", "var/lib", "var/lib/rpm", "var/log", "etc/cron.d"],
    ...["root/.ssh", "root/.aws"],
  ];
  const files: readonly TarFile[] = [
    ...folders.map((name) => ({ name: `${name}/`, type: "5" })),
    { name: "testers/tester", data: program },
    ...otherNames.map((name) => ({ name: `testers/${name}`, type: "1", link: "testers/tester" })),
    // Its own file: a program that runs cannot be written.
    { name: "testers/changed", data: program },
    { name: "etc/shadow", data: "root:*:19000:0:99999:7:::\n", mode: "0640" },
    { name: "root/.ssh/id_ed25519", data: "no key\n", mode: "0600" },
    { name: "root/.aws/credentials", data: "aws_access_key_id = none\n", mode: "0600" },
    { name: "root/.bash_history", data: "ls\n", mode: "0600" },
    { name: "docker-entrypoint.sh", data: "#!/bin/sh\n" },
    { name: "var/log/syslog", data: "nothing happened\n", mode: "0640" },
    ...["records", "a", "b", "c"].map((name) => ({ name: `data/${name}`, data: "x", mode: "0644" })),
  ];
  return await makeImage(socket, { reference: testerImage, files, changes: ['CMD ["/testers/tester", "list"]'] });
}
