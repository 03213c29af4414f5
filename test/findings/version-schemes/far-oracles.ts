// Oracles that few machines have: Alpine's own apk (in a real Alpine image), Go's own order, Maven. What they answered is
// recorded (test/fixtures/version-orders), so that every machine holds our order against theirs.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ecosystem } from "../../../src/model/package.ts";
import { apkVersions, goToolchains, goVersions, mavenVersions } from "./grammars.ts";
import { mavenArtifact, type Oracle, readAnswers, tabbed } from "./oracles.ts";
import type { Grammar } from "./version-pairs.ts";

const alpine = "../shared/data/images/alpine-310.docker.tar.gz";

function inFolder<T>(action: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-oracle-"));
  try {
    return action(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function unpack(archive: string, into: string): void {
  execFileSync("tar", ["-xf", archive, "-C", into]);
}

const apkSigns: Readonly<Record<string, string>> = { "<": "-1", "=": "0", ">": "1" };

/** apk itself, which answers one pair a process. */
const apkTools: Oracle = {
  missing:
    process.getuid?.() !== 0
      ? "needs root for chroot"
      : existsSync(alpine)
        ? false
        : "no Alpine image beside the repository",
  compare: (pairs) =>
    inFolder((folder) => {
      unpack(alpine, folder);
      const root = join(folder, "root");
      execFileSync("sh", ["-c", `mkdir root && for layer in */layer.tar; do tar -xf "$layer" -C root; done`], {
        cwd: folder,
      });
      const loop = `while read -r left right; do apk version -t "$left" "$right"; done`;
      const { stdout } = spawnSync("chroot", [root, "/bin/sh", "-c", loop], {
        input: tabbed(pairs),
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      return readAnswers(stdout.replace(/^.*$/gm, (sign) => apkSigns[sign] ?? ""));
    }),
};

const goProgram = `package main
import ("bufio"; "fmt"; "go/version"; "os"; "strings"; "oracle/semver")
func main() {
  for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
    a, b, _ := strings.Cut(lines.Text(), "\\t")
    switch {
    case semver.IsValid(a) && semver.IsValid(b): fmt.Println(semver.Compare(a, b))
    case version.IsValid(a) && version.IsValid(b): fmt.Println(version.Compare(a, b))
    default: fmt.Println("?")
    }
  }
}
`;

const goRoot = spawnSync("go", ["env", "GOROOT"], { encoding: "utf8" }).stdout?.trim() ?? "";
const goSemver = join(goRoot, "src/cmd/vendor/golang.org/x/mod/semver/semver.go");

/** golang.org/x/mod/semver, which the go command itself is built from, and go/version of the standard library. */
const golang: Oracle = {
  missing: goRoot !== "" && existsSync(goSemver) ? false : "Go and its sources are not installed",
  compare: (pairs) =>
    inFolder((folder) => {
      writeFileSync(join(folder, "go.mod"), "module oracle\ngo 1.22\n");
      writeFileSync(join(folder, "main.go"), goProgram);
      cpSync(goSemver, join(folder, "semver/semver.go"));
      const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-mod=mod", GOPROXY: "off" };
      const words = ["run", "."];
      return readAnswers(execFileSync("go", words, { cwd: folder, env, input: tabbed(pairs), encoding: "utf8" }));
    }),
};

export type FarOracle = {
  /** Of the file with its answers, too. */
  readonly name: string;
  readonly ecosystem: Ecosystem;
  readonly grammar: Grammar;
  readonly oracle: Oracle;
  readonly program: string;
};

export const farOracles: readonly FarOracle[] = [
  { name: "apk", ecosystem: "apk", grammar: apkVersions, oracle: apkTools, program: "apk-tools 2.10.4 of Alpine 3.10" },
  {
    name: "go-modules",
    ecosystem: "go",
    grammar: goVersions,
    oracle: golang,
    program: "golang.org/x/mod/semver of Go 1.26.8",
  },
  { name: "go-toolchains", ecosystem: "go", grammar: goToolchains, oracle: golang, program: "go/version of Go 1.26.8" },
  { name: "maven", ecosystem: "maven", grammar: mavenVersions, oracle: mavenArtifact, program: "maven-artifact 3.8.7" },
];
