// A Debian root, as debootstrap made it, and what apt and dpkg themselves say about it. Nothing here uses plimsoll's own code.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const quiet = {
  DEBIAN_FRONTEND: "noninteractive",
  LC_ALL: "C",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

export function run(program: string, words: readonly string[], env: Readonly<Record<string, string>> = quiet): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${words.slice(0, 4).join(" ")}: ${stderr.slice(-2000)}`);
  return stdout;
}

export function debootstrap(suite: string, root: string, packages: readonly string[]): void {
  run("debootstrap", [
    "--variant=minbase",
    `--include=${packages.join(",")}`,
    suite,
    root,
    "http://deb.debian.org/debian",
  ]);
}

/** From now on apt in the root knows the security pocket. */
export function addSecurityPocket(suite: string, root: string): void {
  const lines = [
    `deb http://deb.debian.org/debian ${suite} main`,
    `deb http://deb.debian.org/debian-security ${suite}-security main`,
  ];
  writeFileSync(join(root, "etc/apt/sources.list"), `${lines.join("\n")}\n`);
  writeFileSync(join(root, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  apt(root, "update");
}

function apt(root: string, ...words: readonly string[]): string {
  return run("chroot", [
    root,
    "apt-get",
    "-qq",
    "-o",
    "APT::Sandbox::User=root",
    "-o",
    "Acquire::Check-Valid-Until=false",
    ...words,
  ]);
}

export type Pending = { readonly name: string; readonly installed: string; readonly candidate: string };

/** What apt would upgrade: `Inst libc6 [2.31-13] (2.31-13+deb11u13 Debian-Security...)`. */
export function pendingUpgrades(root: string): readonly Pending[] {
  return apt(root, "--simulate", "dist-upgrade")
    .split("\n")
    .flatMap((line) => {
      const match = /^Inst (\S+) \[(\S+)\] \((\S+) /.exec(line);
      return match === null ? [] : [{ name: match[1] ?? "", installed: match[2] ?? "", candidate: match[3] ?? "" }];
    });
}

export function downloadUpgrades(root: string): readonly string[] {
  apt(root, "clean"); // debootstrap leaves its own there
  apt(root, "-y", "--download-only", "dist-upgrade");
  return globSync(join(root, "var/cache/apt/archives/*.deb"));
}

export function upgrade(root: string): void {
  apt(root, "-y", "-o", "Dpkg::Options::=--force-confold", "dist-upgrade");
}

export type Installed = { readonly name: string; readonly source: string; readonly sourceVersion: string };

export function installedPackages(root: string): readonly Installed[] {
  const format = "$" + "{Package}\\t$" + "{source:Package}\\t$" + "{source:Version}\\t$" + "{db:Status-Abbrev}\\n";
  return run("dpkg-query", [`--admindir=${root}/var/lib/dpkg`, "-W", "-f", format])
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, , , state = ""]) => state.startsWith("ii"))
    .map(([name = "", source = "", sourceVersion = ""]) => ({ name, source, sourceVersion }));
}

/** A weakness that a version of a source repairs, by the words of its changelog. */
export type Repair = { readonly source: string; readonly version: string; readonly cve: string };

export function repairsInRoot(root: string, installed: readonly Installed[]): readonly Repair[] {
  return installed.flatMap(({ name }) => {
    const folder = join(root, "usr/share/doc", name);
    if (!existsSync(folder)) return [];
    const real = realpathSync(folder);
    const file =
      readdirSync(real).find((one) => /^changelog(?:\.Debian)?\.gz$/.test(one) && one !== "changelog.gz") ??
      "changelog.gz";
    const path = join(real, file);
    return existsSync(path) ? repairsIn(gunzipSync(readFileSync(path)).toString("utf8")) : [];
  });
}

/** One package of each source: they have the same changelog. */
export function onePerSource(debs: readonly string[]): readonly string[] {
  const bySource = new Map(
    debs.map((deb) => {
      const fields = run("dpkg-deb", ["--show", "--showformat", "$" + "{source:Package}", deb]);
      return [fields, deb] as const;
    }),
  );
  return [...bySource.values()];
}

export function repairsInPackage(deb: string): readonly Repair[] {
  const files = run("dpkg-deb", ["--contents", deb])
    .split("\n")
    .flatMap((line) => /(\.\/usr\/share\/doc\/[^/]+\/changelog(?:\.Debian)?\.gz)$/.exec(line)?.[1] ?? []);
  const file = files.find((one) => one.endsWith(".Debian.gz")) ?? files[0];
  if (file === undefined) return [];
  const tar = spawnSync("dpkg-deb", ["--fsys-tarfile", deb], { maxBuffer: 1 << 30 }).stdout;
  const content = spawnSync("tar", ["-xO", file], { input: tar, maxBuffer: 1 << 28 }).stdout;
  return repairsIn(gunzipSync(content).toString("utf8"));
}

/**
 * Entries begin with `source (version) suite; urgency=...`, the newest first, and each version holds all that stands below it. So a
 * rebuild for an older release, 5.2.5-2.1~deb11u2 above 5.2.5-2.1, has the repairs of what it was made from although it sorts before it.
 * Source: Debian Policy 4.4.
 */
function repairsIn(changelog: string): readonly Repair[] {
  let [source, lowest] = ["", ""];
  return changelog.split(/^(?=\S+ \([^)]+\) )/m).flatMap((entry) => {
    const [, name = "", version = ""] = /^(\S+) \(([^)]+)\) /.exec(entry) ?? [];
    if (version === "") return [];
    if (name !== source || lowest === "" || isEarlier(version, lowest)) lowest = version;
    source = name;
    const cves = new Set(entry.match(/\bCVE-\d{4}-\d{4,}\b/g) ?? []);
    return [...cves].map((cve) => ({ source, version: lowest, cve }));
  });
}

const answers = new Map<string, boolean>();

/** Is one version earlier than another, by dpkg? The same question comes often: each is put once. */
export function isEarlier(left: string, right: string): boolean {
  const key = `${left} ${right}`;
  const answer = answers.get(key) ?? spawnSync("dpkg", ["--compare-versions", left, "lt", right]).status === 0;
  answers.set(key, answer);
  return answer;
}
