// Everything that can keep Plimsoll from starting: one sentence, a hint, a code, an exit status, and nothing left behind.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { defaultText, type Finished, type Installation, install } from "./installation.ts";

const skip = whyNoEngine() ?? false;
const needsRoot = process.getuid?.() === 0 ? false : "needs root";
const state: { engine?: TestEngine } = {};
const engineSocket = () => state.engine?.socket ?? "";

before(async () => {
  if (!skip) state.engine = await startEngine();
});
after(() => state.engine?.close());

/** Foreground and detached alike. */
async function fails(here: Installation, code: string, status: number, sentence: RegExp): Promise<void> {
  for (const words of [["up"], ["up", "--detach"]]) {
    const result: Finished = await here.plimsoll(...words);
    assert.deepEqual([result.code, result.stdout, here.leftovers()], [status, "", []], result.stderr);
    assert.match(result.stderr, new RegExp(`plimsoll: \\[${code}\\] \\S`));
    assert.match(result.stderr, sentence);
    assert.match(result.stderr, /\n +hint: \S/);
  }
}

test("a missing engine", async (t) => {
  await fails(install(t, "/nowhere/docker.sock"), "ENGINE_UNREACHABLE", 3, /\/nowhere\/docker\.sock/);
});

test("a configuration key that is not known names the line and the nearest key", async (t) => {
  const here = install(t, "/nowhere/docker.sock");
  here.configure(`${defaultText("/nowhere/docker.sock")}    polices: [baseline]\n`);
  await fails(here, "CONFIG_INVALID", 2, /plimsoll\.yaml:10: unknown key "polices".*\n.*"policies"/);
});

test("a policy with a mistake names its file and line", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const policy = join(here.folder, "own.cedar");
  writeFileSync(policy, '@id("fine")\npermit (principal, action, resource);\n\nforbid (principal,\n');
  here.configure(defaultText(engineSocket(), `    policies: [${policy}]\n`));
  await fails(here, "POLICY_INVALID", 3, /own\.cedar:\d/);
});

test("a policy set that is not there", { skip }, async (t) => {
  const here = install(t, engineSocket());
  here.configure(defaultText(engineSocket(), "    policies: [basline]\n"));
  await fails(here, "POLICY_INVALID", 3, /basline/);
});

test("a port that is in use", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const authority = join(here.folder, "server");
  execFileSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
    ...["-subj", "/CN=localhost", "-keyout", `${authority}.key`, "-out", `${authority}.pem`],
  ]);
  const tls = `  - name: remote\n    tls: 127.0.0.1:${port}\n    cert: ${authority}.pem\n    key: ${authority}.key\n    ca: ${authority}.pem\n`;
  here.configure(defaultText(engineSocket(), tls));
  await fails(here, "LISTEN_FAILED", 3, new RegExp(`127\\.0\\.0\\.1:${port}`));
});

test("a socket that another program serves is not taken from it", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const other = createServer();
  other.listen(join(here.folder, "taken.sock"));
  await once(other, "listening");
  t.after(() => other.close());
  here.configure(defaultText(engineSocket()).replace("$FOLDER/docker.sock", "$FOLDER/taken.sock"));
  const result = await here.plimsoll("up");
  assert.match(result.stderr, /\[LISTEN_FAILED\] .*taken\.sock/);
  assert.deepEqual([result.code, here.leftovers()], [3, ["taken.sock"]]);
});

test("a key file that cannot be read", { skip }, async (t) => {
  const here = install(t, engineSocket());
  const tls =
    "  - name: remote\n    tls: 127.0.0.1:0\n    cert: /nowhere/a.pem\n    key: /nowhere/a.key\n    ca: /nowhere/ca.pem\n";
  here.configure(defaultText(engineSocket(), tls));
  await fails(here, "CONFIG_INVALID", 2, /listener remote: .*\/nowhere\/a\.pem/);
});

test("no root: an engine of another user is not opened, and none can be started", { skip: needsRoot }, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "plimsoll-user-"));
  t.after(() => rmSync(home, { recursive: true }));
  chmodSync(home, 0o777);
  const words = ["--reuid", "65534", "--regid", "65534", "--clear-groups", process.execPath];
  const program = join(import.meta.dirname, "../../src/main.ts");
  const result = spawnSync("setpriv", [...words, program, "up", "--engine", "managed"], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home, NODE_NO_WARNINGS: "1" },
  });
  assert.equal(result.status, 3, result.stderr);
  assert.match(result.stderr, /\[PERMISSION_NEEDED\] .*root.*\n +hint: \S/);
});

test("a full disk", { skip: skip || needsRoot }, async (t) => {
  const here = install(t, engineSocket());
  const small = mountSmall(t);
  here.configure(defaultText(engineSocket()).replace("$FOLDER/state", join(small, "state")));
  const result = await here.plimsoll("up");
  assert.match(result.stderr, /plimsoll: \[[A-Z_]+\] .*(?:full|space|ENOSPC)/i);
  assert.deepEqual([result.code, here.leftovers()], [3, []]);
});

/** 64 KiB, and full. */
function mountSmall(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-small-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  t.after(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "filler"), Buffer.alloc(60 * 1024));
  return folder;
}
