// The programs that decide what is right. Each gets all pairs at once and answers one number a line.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Pair } from "./version-pairs.ts";

export type Oracle = {
  /** A sentence when it is not installed. */
  readonly missing: string | false;
  /** -1, 0 or 1; undefined for a pair that the program does not take. */
  readonly compare: (pairs: readonly Pair[]) => readonly (number | undefined)[];
};

export const tabbed = (pairs: readonly Pair[]): string =>
  `${pairs.map(([left, right]) => `${left}\t${right}`).join("\n")}\n`;

function run(program: string, words: readonly string[], input: string): readonly (number | undefined)[] {
  const { stdout, stderr, status } = spawnSync(program, words, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program}: ${stderr.slice(0, 2000)}`);
  return readAnswers(stdout);
}

export function readAnswers(output: string): readonly (number | undefined)[] {
  return output
    .trim()
    .split("\n")
    .map((line) => (line === "?" ? undefined : Math.sign(Number(line))));
}

function works(program: string, ...words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}

/** dpkg itself answers one pair a process; its Perl module is the same team's and takes all at once. */
export const dpkgPerl: Oracle = {
  missing: works("perl", "-MDpkg::Version", "-e1") ? false : "Perl's Dpkg::Version (libdpkg-perl) is not installed",
  compare: (pairs) =>
    run("perl", ["-MDpkg::Version", "-lne", "my ($a, $b) = split /\\t/; print version_compare($a, $b)"], tabbed(pairs)),
};

/** Asked whether it is as the module says, a process for each pair; what it denies is no order at all. */
const dpkgProgram = `my ($a, $b) = split /\\t/;
my $order = version_compare($a, $b);
my @words = ("dpkg", "--compare-versions", $a, $order < 0 ? "lt" : $order > 0 ? "gt" : "eq", $b);
print system({ $words[0] } @words) == 0 ? $order : "denied"`;

export const dpkg: Oracle = {
  missing: dpkgPerl.missing || (works("dpkg", "--version") ? false : "dpkg is not installed"),
  compare: (pairs) => run("perl", ["-MDpkg::Version", "-lne", dpkgProgram], tabbed(pairs)),
};

const rpmProgram = `local answers = {}
for line in io.lines() do
  local a, b = line:match("^(.-)\\t(.*)$")
  answers[#answers + 1] = rpm.vercmp(a, b)
end
print(table.concat(answers, "\\n"))`;

export const rpm: Oracle = {
  missing: works("rpm", "--version") ? false : "rpm is not installed",
  compare: (pairs) => run("rpm", ["--eval", `%{lua:${rpmProgram.replaceAll("%", "%%")}}`], tabbed(pairs)),
};

const pythonProgram = `import sys
from packaging.version import Version, InvalidVersion
for line in sys.stdin:
  a, b = line.rstrip("\\n").split("\\t")
  try:
    a, b = Version(a), Version(b)
    print((a > b) - (a < b))
  except InvalidVersion:
    print("?")`;
const python = ["python3", "/usr/bin/python3"].find((program) => works(program, "-c", "import packaging.version"));

export const pythonPackaging: Oracle = {
  missing: python === undefined ? "python3-packaging is not installed" : false,
  compare: (pairs) => run(python ?? "", ["-c", pythonProgram], tabbed(pairs)),
};

const rubyProgram = `STDIN.each_line(chomp: true) do |line|
  a, b = line.split("\\t", 2)
  if Gem::Version.correct?(a) && Gem::Version.correct?(b) then puts Gem::Version.new(a) <=> Gem::Version.new(b)
  else puts "?" end
end`;

export const rubygems: Oracle = {
  missing: works("ruby", "-e", "1") ? false : "ruby is not installed",
  compare: (pairs) => run("ruby", ["-e", rubyProgram], tabbed(pairs)),
};

const phpProgram = `require "/usr/share/php/Composer/Semver/autoload.php";
$parser = new Composer\\Semver\\VersionParser();
while (($line = fgets(STDIN)) !== false) {
  [$a, $b] = explode("\\t", rtrim($line, "\\n"), 2);
  try {
    $a = $parser->normalize($a); $b = $parser->normalize($b);
    if (str_starts_with($a, "dev-") || str_starts_with($b, "dev-")) { echo "?\\n"; continue; }
    echo Composer\\Semver\\Comparator::lessThan($a, $b) ? -1 : (Composer\\Semver\\Comparator::greaterThan($a, $b) ? 1 : 0), "\\n";
  } catch (UnexpectedValueException $e) { echo "?\\n"; }
}`;

export const composerSemver: Oracle = {
  missing:
    works("php", "-v") && existsSync("/usr/share/php/Composer/Semver/autoload.php")
      ? false
      : "php-cli and php-composer-semver are not installed",
  compare: (pairs) => run("php", ["-r", phpProgram], tabbed(pairs)),
};

const jars = "/usr/share/java/maven-artifact-3.x.jar:/usr/share/java/commons-lang3.jar";

/** Pairs a process: they have to fit on a command line. */
const batch = 4000;

/** The program compares each version with the next: a list of left, right, left, right. */
export const mavenArtifact: Oracle = {
  missing:
    works("java", "-version") && existsSync("/usr/share/java/maven-artifact-3.x.jar")
      ? false
      : "libmaven3-core-java and a Java runtime are not installed",
  compare: (pairs) => {
    const batches = Array.from({ length: Math.ceil(pairs.length / batch) }, (_, at) =>
      pairs.slice(at * batch, (at + 1) * batch),
    );
    return batches.flatMap(compareWithMaven);
  },
};

function compareWithMaven(pairs: readonly Pair[]): readonly number[] {
  const words = ["-cp", jars, "org.apache.maven.artifact.versioning.ComparableVersion", ...pairs.flat()];
  const { stdout } = spawnSync("java", words, { encoding: "utf8", maxBuffer: 1 << 28 });
  const signs = stdout.split("\n").flatMap((line) => {
    const sign = /^ {3}.* ([<>]|==) [^<>=]*$/.exec(line)?.[1];
    return sign === undefined ? [] : [sign === "<" ? -1 : sign === ">" ? 1 : 0];
  });
  if (signs.length !== pairs.length * 2 - 1) throw new Error(`maven-artifact: ${signs.length} answers`);
  return signs.filter((_, at) => at % 2 === 0);
}
