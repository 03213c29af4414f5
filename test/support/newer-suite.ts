// Programs of newer Debian suites, unpacked beside the machine's own: Docker 28 and its plugins from sid, Podman 5 from
// trixie, and from both those who judge signatures. Fetched once by apt from the mirror that this machine is set up with, kept in a cache outside the repository.

import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { isRunning } from "../../src/engine/managed/process.ts";

export type EngineSuite = "docker" | "podman";
export type JudgeSuite = "judges-trixie" | "judges-sid";
export type SuiteName = EngineSuite | JudgeSuite | "upx" | "tuf" | "sigstore-data" | "guest";

type Recipe = {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Without what they depend on. */
  readonly isAlone?: boolean;
};

const suites: Readonly<Record<SuiteName, Recipe>> = {
  docker: {
    suite: "sid",
    packages: [
      "docker.io",
      "docker-cli",
      "docker-buildx",
      "docker-compose",
      "containerd",
      "runc",
      "iptables",
      "mount",
      "procps",
    ],
  },
  podman: {
    suite: "trixie",
    packages: ["podman", "runc", "conmon", "netavark", "aardvark-dns", "iptables", "nftables", "mount"],
  },
  upx: { suite: "trixie", packages: ["upx-ucl"] },
  // The reference implementation of TUF, which makes the repositories that ours has to follow or refuse.
  tuf: { suite: "trixie", packages: ["python3-tuf", "python3-cryptography"] },
  // Public bundles and roots; the Go sources that the package needs besides are nothing that a test reads.
  "sigstore-data": { suite: "sid", packages: ["golang-github-sigstore-sigstore-go-dev"], isAlone: true },
  // The kernel of the guest that test/support/guest boots, and what dockerd needs there to use its AppArmor.
  guest: { suite: "bookworm", packages: ["linux-image-amd64", "apparmor", "kmod"] },
  "judges-trixie": { suite: "trixie", packages: ["cosign", "skopeo"] },
  "judges-sid": { suite: "sid", packages: ["cosign", "notation", "skopeo", "sigstore-go"] },
};

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
const run = promisify(execFile);

/** The folder that holds the suite's root, fetched if need be; or the reason why it cannot be had. */
export async function newerSuite(name: SuiteName): Promise<{ readonly root: string } | { readonly why: string }> {
  const root = join(cacheFolder(), name);
  if (isReady(name, root)) return { root };
  if (process.getuid?.() !== 0) return { why: `needs root to unpack ${name} of ${suites[name].suite}` };
  try {
    await withLock(`${root}.lock`, async () => {
      if (!isReady(name, root)) await unpackSuite(name, root);
    });
    return { root };
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1);
    return { why: `${name} of Debian's suite ${suites[name].suite} cannot be had: ${reason}` };
  }
}

/** A root that was made by another recipe is made anew. */
function isReady(name: SuiteName, root: string): boolean {
  const file = join(root, recipeFile);
  return existsSync(file) && readFileSync(file, "utf8") === recipe(name);
}

function recipe(name: SuiteName): string {
  return `${JSON.stringify({ ...suites[name], version: 2 })}\n`;
}

const recipeFile = ".plimsoll-recipe";

export function cacheFolder(): string {
  const chosen = process.env["PLIMSOLL_TEST_CACHE"];
  if (chosen) return chosen;
  if (process.getuid?.() === 0) return "/var/cache/plimsoll-test";
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "plimsoll-test");
}

async function unpackSuite(name: SuiteName, root: string): Promise<void> {
  const { suite, packages, isAlone = false } = suites[name];
  const apt = `${root}.apt`;
  const unpacked = `${root}.new`;
  for (const folder of [apt, unpacked]) rmSync(folder, { recursive: true, force: true });
  for (const folder of ["etc/preferences.d", "state/lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  mkdirSync(unpacked, { recursive: true });
  writeFileSync(join(apt, "status"), "");
  writeFileSync(join(apt, "etc/sources.list"), `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main\n`);
  const options = aptOptions(apt);
  await run("apt-get", [...options, "-qq", "update"], { timeout: 300_000 });
  const install = ["-qq", "-y", "--no-install-recommends", "--download-only", "install", ...packages];
  const words = isAlone ? ["-qq", "download", ...packages] : install;
  const cwd = join(apt, "cache/archives");
  await run("apt-get", [...options, ...words], { timeout: 600_000, cwd });
  const archives = readdirSync(cwd).filter((file) => file.endsWith(".deb"));
  for (const file of archives) await run("dpkg-deb", ["--extract", join(cwd, file), unpacked]);
  if (!isAlone) finishRoot(unpacked);
  writeFileSync(join(unpacked, recipeFile), recipe(name));
  rmSync(root, { recursive: true, force: true });
  renameSync(unpacked, root);
  rmSync(apt, { recursive: true, force: true });
}

/** What the packages' own scripts would do, as far as engines need it. */
function finishRoot(root: string): void {
  for (const file of ["passwd", "group", "subuid", "subgid"]) {
    writeFileSync(join(root, "etc", file), readFileSync(`/etc/${file}`));
  }
  for (const folder of ["bin", "sbin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", folder), { recursive: true });
    if (!existsSync(join(root, folder))) symlinkSync(`usr/${folder}`, join(root, folder));
  }
  for (const program of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"]) {
      symlinkSync("xtables-nft-multi", join(root, "usr/sbin", `${program}${suffix}`));
    }
  }
  writeFileSync(join(root, "etc/resolv.conf"), "");
}

/** An apt of its own: it neither reads nor changes what this machine has installed. */
function aptOptions(apt: string): readonly string[] {
  const settings = [
    `Dir::Etc=${apt}/etc`,
    `Dir::Etc::SourceList=${apt}/etc/sources.list`,
    `Dir::Etc::SourceParts=/dev/null`,
    `Dir::State=${apt}/state`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    // A mirror that stands still is good enough for tests; its lists are signed all the same.
    "Acquire::Check-Valid-Until=false",
  ];
  return settings.flatMap((setting) => ["-o", setting]);
}

/** Where this machine gets Debian from. */
export async function debianMirror(): Promise<string> {
  const format = "$(REPO_URI) $(ORIGIN) $(CODENAME) $(COMPONENT)";
  const { stdout } = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const rows = stdout.split("\n").map((line) => line.split(" "));
  const main = rows.find(([, origin, name]) => origin === "Debian" && name === codename);
  if (main?.[0] === undefined) throw new Error("apt has no package list of Debian (run apt-get update)");
  return main[0];
}

/** One test process fetches, the others wait for it. */
export async function withLock(lock: string, work: () => Promise<void>): Promise<void> {
  mkdirSync(cacheFolder(), { recursive: true });
  while (!takeLock(lock)) await sleep(500);
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const holder = existsSync(lock) ? Number.parseInt(readFileSync(lock, "utf8"), 10) : Number.NaN;
    if (!Number.isNaN(holder) && !isRunning(holder)) rmSync(lock, { force: true });
    return false;
  }
}
