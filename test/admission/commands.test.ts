// `plimsoll scan`, `sbom` and `advisories` as people type them: what they print, where they write, and how they end.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { formatNames } from "../../src/cli/scan/scan-options.ts";
import { buildDatabase } from "../../src/findings/database/build-database.ts";
import { loadSigningKey } from "../../src/findings/database/signing.ts";
import { formats } from "../../src/report/formats.generated.ts";
import { type RunOptions, type RunResult, run } from "../cli/program.ts";
import { advisory } from "../findings/database-of.ts";
import { tar } from "../support/tar.ts";
import { apkDatabase, makeArchive, osRelease } from "./make-archive.ts";

const program = join(import.meta.dirname, "..", "..", "src", "main.ts");

type World = {
  readonly folder: string;
  readonly image: string;
  plimsoll(...words: readonly string[]): Promise<RunResult>;
  readonly environment: Readonly<Record<string, string>>;
};

async function makeWorld(t: TestContext, options: RunOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-commands-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const image = join(folder, "image.tar");
  makeArchive(image, { layers: [[osRelease, apkDatabase(["curl", "8.5.0-r0"], ["musl", "1.2.4-r2"])]] });
  const database = join(folder, "advisories");
  const state = join(folder, "state");
  spawnSync("mkdir", ["-p", join(state, "advisories"), database]);
  await buildDatabase({
    file: join(state, "advisories", "advisories.db"),
    feeds: [
      {
        name: "test",
        updatedAt: "2026-01-02T03:04:05Z",
        isComplete: () => true,
        records: [
          {
            kind: "advisory",
            advisory: advisory("apk:alpine:3.19", "curl", "CVE-2024-0853", "8.6.0-r0", { severity: "high" }),
          },
          {
            kind: "advisory",
            advisory: advisory("apk:alpine:3.19", "musl", "CVE-2025-0001", "", { severity: "critical" }),
          },
        ],
      },
    ],
    signingKey: loadSigningKey(join(state, "advisories")),
    builtAt: "2026-01-02T03:04:05Z",
  });
  const environment = { STATE_DIRECTORY: state, PATH: process.env["PATH"] ?? "", HOME: folder };
  return { folder, image, environment, plimsoll: (...words) => run(words, { environment, ...options }) };
}

test("the list of formats that --format takes is the list of plugins", () => {
  assert.deepEqual([...formatNames].sort(), formats.map(({ name }) => name).sort());
});

test("a scan says what it found, whether policy allows it, and how old its data is", async (t) => {
  const { plimsoll, image } = await makeWorld(t);
  const { code, stdout, stderr } = await plimsoll("scan", image);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^ALLOWED {2}baseline\/named-callers policies\/baseline\.cedar:\d+$/m);
  assert.match(stdout, /^ {2}critical +1 {2}█+$/m);
  assert.match(stdout, /1\. upgrade curl from 8\.5\.0-r0 to 8\.6\.0-r0\n {5}ends 1 high/);
  assert.match(stdout, /advisory data is \d+ days old/);
  assert.match(stdout, /^high +CVE-2024-0853 +curl +8\.5\.0-r0 +8\.6\.0-r0/m);
});

test("on a real terminal a line says what is being done, and is gone when the report comes", async (t) => {
  const { environment, image } = await makeWorld(t);
  const terminal = join(import.meta.dirname, "..", "support", "terminal.py");
  const words = [terminal, "[]", "120", process.execPath, program, "scan", image];
  const { status, stdout } = spawnSync("python3", words, { env: environment, encoding: "utf8" });
  assert.deepEqual([status, /unexpected/.test(stdout), /ALLOWED/.test(stdout)], [0, false, true], stdout);
});

test("exit codes say what a build server has to know", async (t) => {
  const { plimsoll, image, folder } = await makeWorld(t);
  const codes = {
    clean: (await plimsoll("scan", image)).code,
    failOn: (await plimsoll("scan", image, "--fail-on", "high")).code,
    failOnFixed: (await plimsoll("scan", image, "--fail-on", "critical", "--only-fixed")).code,
    denied: (await plimsoll("scan", image, "--policies", "restricted")).code,
    unknownOption: (await plimsoll("scan", image, "--fail-on", "bad")).code,
    notThere: (await plimsoll("scan", "registry://127.0.0.1:1/none:1", "--insecure-registry", "127.0.0.1:1")).code,
    noImage: (await plimsoll("scan", join(folder, "absent.tar"))).code,
  };
  assert.deepEqual(codes, {
    clean: 0,
    failOn: 1,
    failOnFixed: 0,
    denied: 1,
    unknownOption: 2,
    notThere: 3,
    noImage: 3,
  });
});

test("a report goes to a file for its owner alone, in the format that its name tells", async (t) => {
  const { plimsoll, image, folder } = await makeWorld(t);
  for (const [name, begins] of [
    ["report.html", "<!doctype html>"],
    ["report.sarif", '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json"'],
    ["report.cdx.json", '{\n  "$schema": "http://cyclonedx.org/'],
    ["report.spdx.json", '{\n  "spdxVersion"'],
    ["report.vex.json", '{\n  "@context"'],
    ["report.json", '{\n  "schema": "plimsoll.scan/1"'],
    ["report.xml", "<?xml"],
    ["report.txt", image],
  ] as const) {
    const file = join(folder, name);
    const { code, stdout } = await plimsoll("scan", image, "-o", file);
    assert.deepEqual([name, code, stdout, statSync(file).mode & 0o777], [name, 0, "", 0o600]);
    assert.ok(readFileSync(file, "utf8").startsWith(begins), name);
  }
});

test("an ignore rule and a VEX statement set findings aside, and an expired rule is told", async (t) => {
  const { plimsoll, image, folder } = await makeWorld(t);
  const rules = join(folder, "rules.yaml");
  writeFileSync(rules, "ignore:\n  - id: CVE-2025-0001\n    reason: no locale is ever set\n    expires: 2099-01-01\n");
  const vex = join(folder, "a.vex.json");
  writeFileSync(
    vex,
    JSON.stringify({
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": "https://example.test/vex/1",
      author: "shop",
      timestamp: "2026-01-01T00:00:00Z",
      version: 1,
      statements: [
        {
          vulnerability: { name: "CVE-2024-0853" },
          products: [{ "@id": "pkg:apk/alpine/curl" }],
          status: "not_affected",
          justification: "vulnerable_code_not_in_execute_path",
        },
      ],
    }),
  );
  const both = await plimsoll(
    "scan",
    image,
    "--ignore-file",
    rules,
    "--vex",
    vex,
    "--fail-on",
    "low",
    "--format",
    "json",
  );
  const report = JSON.parse(both.stdout);
  assert.deepEqual(
    [both.code, report.findings, report.suppressed.map((one: { by: string; reason: string }) => [one.by, one.reason])],
    [
      0,
      [],
      [
        ["vex", "vulnerable_code_not_in_execute_path"],
        ["ignore-rule", "no locale is ever set"],
      ],
    ],
  );
  writeFileSync(rules, "ignore:\n  - id: CVE-2025-0001\n    reason: for now\n    expires: 2020-01-01\n");
  const late = await plimsoll("scan", image, "--ignore-file", rules, "--format", "json");
  assert.match(late.stdout, /the rule for CVE-2025-0001 counts no longer since 2020-01-01: for now/);
});

test("an SBOM is made, and judged on another day", async (t) => {
  const { plimsoll, image, folder } = await makeWorld(t);
  const file = join(folder, "image.cdx.json");
  assert.equal((await plimsoll("sbom", image, "-o", file)).code, 0);
  const { stdout } = await plimsoll("scan", file, "--format", "json");
  const ids = JSON.parse(stdout).findings.map(({ id }: { id: string }) => id);
  assert.deepEqual(ids.sort(), ["CVE-2024-0853", "CVE-2025-0001"]);
});

test("status tells of the database, and export and import carry it to another machine", async (t) => {
  const { plimsoll, folder } = await makeWorld(t);
  const status = JSON.parse((await plimsoll("advisories", "status", "--json")).stdout);
  assert.deepEqual([status.exists, status.feeds[0].advisories], [true, 2]);
  const [file, there] = [join(folder, "exported.db"), join(folder, "elsewhere")];
  const exported = await plimsoll("advisories", "export", file);
  const key = /--key (\S+)/.exec(exported.stderr)?.[1] ?? "";
  assert.equal((await plimsoll("advisories", "status", "--folder", there)).code, 1);
  const untrusted = await plimsoll("advisories", "import", file, "--folder", there);
  assert.deepEqual([untrusted.code, /ADVISORIES_INVALID/.test(untrusted.stderr)], [3, true]);
  const imported = await plimsoll("advisories", "import", file, "--folder", there, "--key", key);
  assert.deepEqual([imported.code, imported.stdout.split(",")[0]], [0, exported.stdout.trim()]);
});

test("a scan needs no network at all", {
  skip: process.getuid?.() === 0 ? false : "needs root for a network namespace",
}, async (t) => {
  const { image, environment } = await makeWorld(t);
  const done = spawnSync("unshare", ["-n", process.execPath, program, "scan", image, "--format", "json"], {
    env: { ...environment },
    encoding: "utf8",
  });
  assert.equal(done.status, 0, done.stderr);
  assert.equal(JSON.parse(done.stdout).findings.length, 2);
});

/** What a program has open in a folder, with or without a name. */
function openFilesIn(folder: string, pid: number): readonly string[] {
  const descriptors = `/proc/${pid}/fd`;
  const targets = readdirSync(descriptors).map((name) => {
    try {
      return readlinkSync(join(descriptors, name));
    } catch {
      return ""; // closed meanwhile
    }
  });
  return targets.filter((target) => target.startsWith(`${folder}/`));
}

for (const [signal, expected] of [
  ["SIGINT", 130],
  ["SIGKILL", null],
] as const) {
  test(`a scan that gets ${signal} leaves nothing behind`, async (t) => {
    const { folder, environment } = await makeWorld(t);
    const image = join(folder, "large.tar");
    // Many small files of text keep a scan busy for seconds, whatever the machine.
    const files = Array.from({ length: 60_000 }, (_, at) => ({
      name: `app/${at}.txt`,
      data: `line ${at}\n`.repeat(90),
      mode: "0644",
    }));
    makeArchive(image, { layers: [files] });
    const packed = `${image}.gz`;
    writeFileSync(packed, gzipSync(readFileSync(image), { level: 1 }));
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    const child = spawn(process.execPath, [program, "scan", packed], {
      env: { ...environment, TMPDIR: temporary },
      stdio: "ignore",
    });
    const exit = once(child, "exit");
    while (openFilesIn(temporary, child.pid ?? 0).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const [status] = await exit;
    assert.deepEqual([status, readdirSync(temporary)], [expected, []]);
  });
}

test("a disk that is full is said to be so", {
  skip: process.getuid?.() === 0 ? false : "needs root to mount a small file system",
}, async (t) => {
  const { folder, environment, image } = await makeWorld(t);
  const small = join(folder, "small");
  const packed = join(folder, "image.tar.gz");
  makeArchive(image, { layers: [[{ name: "random", data: randomBytes(2 ** 20), mode: "0644" }]] });
  writeFileSync(packed, gzipSync(readFileSync(image)));
  const shell = 'mkdir "$0" && mount -t tmpfs -o size=256k tmpfs "$0" && shift 0 && exec "$@"';
  const words = ["-m", "sh", "-c", shell, small, process.execPath, program, "scan", packed];
  const done = spawnSync("unshare", words, { env: { ...environment, TMPDIR: small }, encoding: "utf8" });
  assert.deepEqual([done.status, /\[(\w+)\].*no space left/.exec(done.stderr)?.[1]], [3, "PERMISSION_NEEDED"]);
});

test("names from an image cannot reach the terminal", async (t) => {
  const { plimsoll, folder } = await makeWorld(t, { isTerminal: true });
  const image = join(folder, "hostile.tar");
  makeArchive(image, { layers: [[{ name: "bin/\u001b[2Jx", data: "x".repeat(100), mode: "4755" }]] });
  for (const format of formatNames) {
    const { stdout } = await plimsoll("scan", image, "--format", format);
    assert.ok(!stdout.includes("\u001b[2J"), format);
  }
});

test("a file that is no archive is no image", async (t) => {
  const { plimsoll, folder } = await makeWorld(t);
  const file = join(folder, "plain.tar");
  writeFileSync(file, tar([{ name: "a", data: "b" }]));
  const { code, stderr } = await plimsoll("scan", file);
  assert.deepEqual([code, /^plimsoll: \[[A-Z_]+\]/.test(stderr)], [3, true]);
});

test("a file that is not there is said to be so, and not asked of a registry; no engine is no web server on port 80", async (t) => {
  const { folder, plimsoll } = await makeWorld(t);
  const asked = ["nothing.tar", "./nothing", join(folder, "no.json"), "layout.tar#app:1", "container://web"];
  const said = await Promise.all(asked.map((subject) => plimsoll("scan", subject)));
  assert.deepEqual(
    said.map(({ code, stderr }) => [code, /\[([A-Z_]+)\]/.exec(stderr)?.[1]]),
    [...Array.from({ length: 4 }, () => [3, "NOT_FOUND"]), [3, "ENGINE_UNREACHABLE"]],
  );
});

test("a user whom no file of accounts knows can scan", {
  skip: process.getuid?.() === 0 ? false : "needs root to become somebody else",
}, async (t) => {
  const { image, environment, folder } = await makeWorld(t);
  for (const path of [folder, image]) chmodSync(path, 0o755);
  const home = mkdtempSync(join(tmpdir(), "plimsoll-nobody-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  chownSync(home, 54_321, 54_321);
  const words = ["--reuid", "54321", "--regid", "54321", "--clear-groups", process.execPath, program, "scan", image];
  const env = { ...environment, PATH: process.env["PATH"] ?? "", HOME: home, PLIMSOLL_STATE: home };
  const { status, stderr, stdout } = spawnSync("setpriv", words, { env, encoding: "utf8" });
  assert.deepEqual([status, /denied|allowed|allows/i.test(stdout)], [0, true], stderr + stdout);
});
