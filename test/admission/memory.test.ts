// How much memory a scan takes, whatever is in the image.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import type { FeedRecord } from "../../src/findings/advisory-feed.ts";
import { buildDatabase } from "../../src/findings/database/build-database.ts";
import { loadSigningKey } from "../../src/findings/database/signing.ts";
import { advisory } from "../findings/database-of.ts";
import { makeLargeProgram } from "../support/large-program.ts";
import type { TarFile } from "../support/tar.ts";
import { makeArchive } from "./make-archive.ts";

const program = join(import.meta.dirname, "..", "..", "src", "main.ts");
const maxMegabytes = 300;

test("a program of 400 MB is read whole and the scan stays below 300 MB of memory", {
  skip: process.platform === "linux" ? false : "reads /proc",
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-memory-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // A folder is read as its own layer: nothing has to be packed.
  const root = join(folder, "root");
  mkdirSync(root);
  await pipeline(
    Readable.from(makeLargeProgram(400 * 2 ** 20).pieces),
    createWriteStream(join(root, "huge"), { mode: 0o755 }),
  );
  const { stdout, megabytes } = await scan(root, folder, []);
  const { packages, problems } = JSON.parse(stdout);
  const found = packages.map(({ name, version }: { name: string; version: string }) => `${name} ${version}`);
  assert.deepEqual(
    [found, problems.map(({ plugin }: { plugin: string }) => plugin), megabytes < maxMegabytes],
    [["example.org/huge v1.2.3", "example.org/inside v4.5.6", "stdlib 1.22.5"], ["yara"], true],
    `${megabytes} MB`,
  );
});

test("an image of 60,000 packages, of which 6,000 are weak, is judged below 300 MB of memory", {
  skip: process.platform === "linux" ? false : "reads /proc",
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-memory-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const count = 60_000;
  const archive = join(folder, "large.tar");
  const data = Array.from({ length: count }, (_, at) => debianRecord(at)).join("");
  makeArchive(archive, { layers: [[debian, { name: "var/lib/dpkg/status", data, mode: "0644" }]] });
  await makeAdvisories(folder, count);
  const first = await scan(archive, folder, ["--database", join(folder, "advisories.db")]);
  const again = await scan(archive, folder, ["--database", join(folder, "advisories.db")]);
  const { packages, findings } = JSON.parse(first.stdout);
  assert.deepEqual(
    [
      packages.length,
      findings.filter(({ kind }: { kind: string }) => kind === "vulnerability").length,
      JSON.parse(again.stdout).findings.length,
      first.megabytes < maxMegabytes,
      again.megabytes < maxMegabytes,
    ],
    [count, 12_000, findings.length, true, true],
    `${first.megabytes} and ${again.megabytes} MB`,
  );
});

const debian: TarFile = { name: "etc/os-release", data: "ID=debian\nVERSION_ID=12\n", mode: "0644" };

/** As long as dpkg's own are, and with a maintainer whose name is not ASCII now and then. */
function debianRecord(at: number): string {
  const lines = [
    ...[`Package: libmade${at}-dev`, "Status: install ok installed", "Priority: optional", "Section: libdevel"],
    ...[`Maintainer: Jürgen ${at % 300} <team${at % 300}@lists.debian.org>`, "Architecture: amd64"],
    ...[`Source: made${at}`, `Version: 1:${at % 17}.${at % 31}-${at % 5}+deb12u1`, "Depends: libc6 (>= 2.36)"],
    `Description: made\n ${"some words that describe it ".repeat(10)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}

async function makeAdvisories(folder: string, count: number): Promise<void> {
  const records = function* (): Generator<FeedRecord> {
    for (let at = 0; at < count * 2; at += 1) {
      const fixed = at % 20 < 2 ? "9:1" : "0.0.1";
      const more = { severity: "high", summary: `weakness ${at} of what was made` } as const;
      const name = `made${Math.floor(at / 2)}`;
      yield { kind: "advisory", advisory: advisory("deb:debian:12", name, `CVE-2025-${at}`, fixed, more) };
    }
  };
  const feed = { name: "test", updatedAt: "2026-01-02T03:04:05Z", isComplete: () => true, records: records() };
  await buildDatabase({
    file: join(folder, "advisories.db"),
    feeds: [feed],
    signingKey: loadSigningKey(folder),
    builtAt: "2026-01-02T03:04:05Z",
  });
}

async function scan(
  subject: string,
  state: string,
  more: readonly string[],
): Promise<{ readonly stdout: string; readonly megabytes: number }> {
  const environment = { ...process.env, STATE_DIRECTORY: state };
  // What it says of missing advisories is no business of this test.
  const words = [program, "scan", subject, ...more, "--format", "json", "--policies", "none", "--quiet"];
  const child = spawn(process.execPath, words, { env: environment, stdio: ["ignore", "pipe", "ignore"] });
  let [stdout, megabytes] = ["", 0];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const poll = setInterval(() => (megabytes = Math.max(megabytes, peakOf(child.pid ?? 0))), 10);
  await new Promise((resolve) => child.on("close", resolve));
  clearInterval(poll);
  return { stdout, megabytes };
}

/** The kernel keeps the highest value itself: looking now and then misses only the last moment. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1000;
  } catch {
    return 0; // it has just ended
  }
}
