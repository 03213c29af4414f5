// What a host lacks is said with its name and what to do, and what it has is said as it was tried, not as it is claimed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { PlimsollError } from "../../../src/base/errors.ts";
import { openSensor, type SensorOptions } from "../../../src/watch/open-sensor.ts";
import { whyNoSensor } from "../../support/watched.ts";

const skip = whyNoSensor() ?? false;
const objects = join(import.meta.dirname, "../../../dist/bpf");

test("a kernel without type information is named, with what to use instead", { skip }, async () => {
  assert.deepEqual(await refusal({ kernelTypes: "/sys/kernel/btf/none" }), [
    "NEED_MISSING",
    "this kernel has no type information: /sys/kernel/btf/none is not there",
    "use a kernel built with CONFIG_DEBUG_INFO_BTF, as distributions ship it",
  ]);
});

test("a missing libbpf is named, with the package to install", { skip }, async () => {
  const [code, what, hint] = await refusal({ libbpf: "libbpf-none.so.9" });
  assert.deepEqual(
    [code, what?.startsWith("libbpf-none.so.9: "), hint],
    ["NEED_MISSING", true, "install libbpf 1 (Debian: apt-get install libbpf1)"],
  );
});

test("probes that are not there are named, with how to build them", { skip }, async (t) => {
  const folder = await emptyFolder(t);
  const [code, , hint] = await refusal({ objects: folder });
  assert.deepEqual(
    [code, hint],
    ["NEED_MISSING", "build the probes: scripts/bootstrap run (needs clang and libbpf-dev)"],
  );
});

test("probes that somebody changed are not loaded", { skip }, async (t) => {
  const folder = await emptyFolder(t);
  await copyFile(join(objects, "manifest.json"), join(folder, "manifest.json"));
  for (const name of ["x86_64.bpf.o", "aarch64.bpf.o"]) await writeFile(join(folder, name), "other code");
  const [code] = await refusal({ objects: folder });
  assert.equal(code, "DIGEST_MISMATCH");
});

test("whoever is not root is told so", { skip }, async () => {
  const program = `import("${join(import.meta.dirname, "../../../src/watch/open-sensor.ts")}")
    .then(({ openSensor }) => openSensor()).catch((error) => console.log(error.code, "|", error.hint));`;
  const words = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e", program];
  const { stdout } = await promisify(execFile)("setpriv", words);
  assert.equal(stdout.trim(), "PERMISSION_NEEDED | run the watch as root");
});

test("each rung says whether it works here, why not, and what would make it", { skip }, async (t) => {
  const sensor = await openSensor();
  t.after(() => sensor.close({ keepEnforcing: false }));
  const lsm = sensor.tiers.find(({ tier }) => tier === "lsm");
  const ofEscape = sensor.protections.find(({ protection }) => protection === "escape");
  assert.deepEqual(
    {
      // Never both a reason and a success, never a failure without one.
      contradictions: sensor.tiers.filter(({ works, reason }) => works !== (reason === "")),
      signal: sensor.tiers.find(({ tier }) => tier === "signal")?.works,
      drift: sensor.protections.find(({ protection }) => protection === "drift")?.best,
      memory: sensor.protections.find(({ protection }) => protection === "memory")?.best,
      // A mount cannot be undone by killing who made it.
      escape: ofEscape?.best,
    },
    {
      contradictions: [],
      signal: true,
      drift: "block",
      memory: "block",
      escape: lsm?.works === true ? "block" : "detect",
    },
  );
});

test("nothing of a sensor stays in the kernel after its end", { skip }, async () => {
  const before = await programs();
  const sensor = await openSensor();
  const during = await programs().finally(() => sensor.close({ keepEnforcing: false }));
  assert.deepEqual({ during: during > before, after: await programs() }, { during: true, after: before });
});

async function refusal(options: SensorOptions): Promise<readonly string[]> {
  try {
    const sensor = await openSensor(options);
    await sensor.close({ keepEnforcing: false });
    return ["opened"];
  } catch (error) {
    return error instanceof PlimsollError ? [error.code, error.message, error.hint] : [String(error)];
  }
}

/** Programs of this process: its file descriptors show them. Some are gone while they are looked at. */
async function programs(): Promise<number> {
  const folder = `/proc/${process.pid}/fd`;
  const links = (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => ""));
  return (await Promise.all(links)).filter((link) => link.includes("bpf")).length;
}

async function emptyFolder(t: { after: (done: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-probes-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}
