// How much memory a scan takes, whatever is in the image.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { makeLargeProgram } from "../support/large-program.ts";

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
  const { stdout, megabytes } = await scan(root, folder);
  const { packages, problems } = JSON.parse(stdout);
  const found = packages.map(({ name, version }: { name: string; version: string }) => `${name} ${version}`);
  assert.deepEqual(
    [found, problems.map(({ plugin }: { plugin: string }) => plugin), megabytes < maxMegabytes],
    [["example.org/huge v1.2.3", "example.org/inside v4.5.6", "stdlib 1.22.5"], ["yara"], true],
    `${megabytes} MB`,
  );
});

async function scan(root: string, state: string): Promise<{ readonly stdout: string; readonly megabytes: number }> {
  const environment = { ...process.env, STATE_DIRECTORY: state };
  // What it says of missing advisories is no business of this test.
  const words = [program, "scan", root, "--format", "json", "--policies", "none", "--quiet"];
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
