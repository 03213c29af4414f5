// A real clamd with signatures of our own: what it names we name, what it refuses is said, and its absence is no "clean".

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { clamd } from "../../src/findings/detectors/clamd.ts";
import { openSpool } from "../../src/findings/malware/spool.ts";
import { makeWorkQueue } from "../../src/findings/malware/work-queue.ts";
import type { Finding } from "../../src/model/finding.ts";
import { entryOf, openDetector } from "./support/look-at.ts";

const program = "/usr/sbin/clamd";
const skip = existsSync(program) ? false : "clamav-daemon is not installed";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-clamd-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** clamd with a hash list and one body signature. @returns its socket */
async function startClamd(t: TestContext, evil: string): Promise<string> {
  const folder = folderFor(t);
  const socket = join(folder, "clamd.sock");
  const digest = createHash("md5").update(evil).digest("hex");
  writeFileSync(join(folder, "own.hdb"), `${digest}:${evil.length}:Acme.Listed\n`);
  writeFileSync(join(folder, "own.ndb"), `Acme.Body:0:*:${Buffer.from("acme-evil-marker").toString("hex")}\n`);
  const settings = [
    "Foreground yes",
    `LocalSocket ${socket}`,
    `DatabaseDirectory ${folder}`,
    "StreamMaxLength 1M",
    `TemporaryDirectory ${folder}`,
  ];
  if (process.getuid?.() === 0) settings.push("User root");
  writeFileSync(join(folder, "clamd.conf"), `${settings.join("\n")}\n`);
  const child: ChildProcess = spawn(program, ["-c", join(folder, "clamd.conf")], { stdio: "ignore" });
  t.after(async () => {
    child.kill("SIGKILL");
    while (child.exitCode === null && child.signalCode === null) await sleep(20);
  });
  for (let tries = 0; !existsSync(socket) && tries < 600; tries += 1) await sleep(100);
  return socket;
}

/** Shows all files, then waits, as the conductor does at the end of a layer. */
async function scanFiles(socket: string, files: Readonly<Record<string, string | Uint8Array>>) {
  const detector = await openDetector(clamd, { clamdSocket: socket });
  const found: Finding[] = [];
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const sink = detector.visit?.(entryOf({ path, content, mode: 0o755 }), bytes.subarray(0, 512), (finding) =>
      found.push(finding),
    );
    for (let at = 0; at < bytes.length; at += 1000) sink?.write(bytes.subarray(at, at + 1000));
    sink?.end();
  }
  await detector.settle?.();
  const problems = detector.takeProblems?.() ?? [];
  await detector.close();
  return {
    found: found.map((finding) => `${finding.path}: ${finding.id}`).sort(),
    problems: problems.map(({ path }) => path),
    fingerprint: detector.fingerprint,
  };
}

test("what clamd finds in programs, scripts and archives is reported, and what it refuses is said", {
  skip,
}, async (t) => {
  const evil = "#!/bin/sh\necho evil\n";
  const socket = await startClamd(t, evil);
  const folder = folderFor(t);
  writeFileSync(join(folder, "inside.sh"), evil);
  execFileSync("tar", ["-C", folder, "-czf", join(folder, "a.tgz"), "inside.sh"]);
  const { found, problems, fingerprint } = await scanFiles(socket, {
    "a.sh": evil,
    "again.sh": evil,
    "b.py": "print('acme-evil-marker')\n",
    "a.tgz": readFileSync(join(folder, "a.tgz")),
    "good.sh": "#!/bin/sh\ntrue\n",
    "large.sh": Buffer.concat([Buffer.from("#!/bin/sh\n"), Buffer.alloc(2_000_000, 0x23)]),
  });
  assert.deepEqual(found, [
    "a.sh: Acme.Listed.UNOFFICIAL",
    "a.tgz: Acme.Listed.UNOFFICIAL",
    "again.sh: Acme.Listed.UNOFFICIAL",
    "b.py: Acme.Body.UNOFFICIAL",
  ]);
  assert.deepEqual(problems, ["large.sh"]);
  assert.match(fingerprint, /^clamd 1 ClamAV \d/);
});

test("many files, more than fit into memory, are all asked about", { skip }, async (t) => {
  const socket = await startClamd(t, "x");
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [
      `${at}.sh`,
      `#!/bin/sh\n# ${at}\n${"#".repeat(900_000)}\n${at % 20 === 7 ? "acme-evil-marker" : ""}\n`,
    ]),
  );
  const { found, problems } = await scanFiles(socket, files);
  assert.deepEqual([found.map((line) => line.split(".")[0]), problems], [["27", "47", "7"], []]);
});

test("without a clamd behind the socket the detector does not open, and without a socket it is off", async (t) => {
  await assert.rejects(openDetector(clamd, { clamdSocket: join(folderFor(t), "none.sock") }), { code: "NEED_MISSING" });
  const off = await openDetector(clamd);
  assert.deepEqual([off.fingerprint, off.visit], ["clamd off", undefined]);
});

test("a clamd that goes away, falls silent or talks nonsense is an error, never a clean file", async (t) => {
  const answers: readonly (readonly [answer: string, problems: number | RegExp])[] = [
    ["", /closed without an answer/],
    ["x".repeat(9000), /too long/],
    ["stream: OK but not really", 1],
    ["INSTREAM size limit exceeded. ERROR", 1],
  ];
  for (const [answer, expected] of answers) {
    const socket = join(folderFor(t), "fake.sock");
    const server = createServer((connection) => {
      connection.on("error", () => {});
      connection.once("data", (command) =>
        connection.end(command.includes("zVERSION") ? "ClamAV 0\0" : `${answer}\0`.replace(/^\0$/, "")),
      );
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const scan = scanFiles(socket, { "a.sh": "#!/bin/sh\n" });
    if (typeof expected === "number") assert.deepEqual((await scan).problems.length, expected);
    else await assert.rejects(scan, { code: "NEED_MISSING", message: expected });
    await new Promise((resolve) => server.close(resolve));
  }
});

test("the spool gives back what was put, in any order, from memory and from disk", () => {
  const spool = openSpool(1000);
  const put = Array.from({ length: 40 }, (_, at) => spool.put(Buffer.alloc(1 + ((at * 37) % 300), at)));
  const order = put.map((_, at) => (at * 7) % put.length);
  const wrong = order.filter((at) => {
    const content = put[at]?.read() ?? Buffer.alloc(0);
    return content.length !== 1 + ((at * 37) % 300) || content.some((byte) => byte !== at);
  });
  const later = spool.put(Buffer.alloc(5000, 9)).read();
  spool.close();
  assert.deepEqual([wrong, later.length, later[4999]], [[], 5000, 9]);
});

test("a queue runs a few tasks at once, waits for all, and tells the first failure once", async () => {
  const queue = makeWorkQueue(3);
  let running = 0;
  let most = 0;
  let done = 0;
  for (let at = 0; at < 20; at += 1) {
    queue.push(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      done += 1;
      if (at === 5) throw new Error("the fifth");
    });
  }
  await assert.rejects(queue.settle(), /the fifth/);
  await queue.settle();
  assert.deepEqual([most, done], [3, 20]);
});
