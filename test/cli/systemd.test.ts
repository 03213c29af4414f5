// systemd's side of the contract: its own programs check the units and hand over sockets; a datagram socket hears us.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { sdNotify } from "../../src/base/native/sd-notify.ts";
import { takeInheritedSockets } from "../../src/cli/systemd/inherited-sockets.ts";
import { watchdogMs } from "../../src/cli/systemd/service-manager.ts";
import { root } from "../house/source-files.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-systemd-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function needs(program: string): string | false {
  return spawnSync(program, ["--version"]).error === undefined ? false : `needs ${program}`;
}

test("systemd finds nothing wrong with the units", { skip: needs("systemd-analyze") }, (t) => {
  const folder = folderOf(t);
  const units = join(folder, "etc/systemd/system");
  mkdirSync(join(units, "plimsoll.service.d"), { recursive: true });
  mkdirSync(join(folder, "usr/bin"), { recursive: true });
  writeFileSync(join(folder, "usr/bin/plimsoll"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(folder, "usr/bin/man"), "#!/bin/sh\n", { mode: 0o755 });
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/kill"), "#!/bin/sh\n", { mode: 0o755 });
  for (const unit of ["plimsoll.service", "plimsoll.socket"]) cpSync(join(root, "systemd", unit), join(units, unit));
  cpSync(join(root, "systemd/guard-only.conf"), join(units, "plimsoll.service.d/guard-only.conf"));
  cpSync("/lib/systemd/system", join(folder, "lib/systemd/system"), { recursive: true });
  const words = ["verify", "--man=no", "--recursive-errors=no", `--root=${folder}`];
  const found = spawnSync("systemd-analyze", [...words, "plimsoll.service", "plimsoll.socket"], { encoding: "utf8" });
  const about = found.stderr.split("\n").filter((line) => /plimsoll/.test(line));
  assert.deepEqual([about, found.status], [[], 0]);
});

/** Accepts one connection on the socket that was handed over and answers with its name. */
const activated = `
const { takeInheritedSockets } = await import(process.argv[1]);
const { createServer } = await import("node:net");
const { spawnSync } = await import("node:child_process");
const sockets = takeInheritedSockets(process.env);
const child = spawnSync("readlink", ["/proc/self/fd/3"], { encoding: "utf8", stdio: "pipe" });
const left = Object.keys(process.env).filter((name) => name.startsWith("LISTEN_"));
const server = createServer((socket) => {
  socket.end(JSON.stringify({ names: [...sockets], left, leaked: /socket:/.test(child.stdout) }));
  server.close();
});
server.listen({ fd: sockets.get("docker") });
`;

test("a socket that systemd hands over is taken by its name, and children do not get it", {
  skip: needs("systemd-socket-activate"),
}, async (t) => {
  const path = join(folderOf(t), "docker.sock");
  const module = join(root, "src/cli/systemd/inherited-sockets.ts");
  const node = [process.execPath, "--input-type=module", "-e", activated, module];
  const manager = spawn("systemd-socket-activate", ["-l", path, "--fdname=docker", ...node], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.after(() => manager.kill("SIGKILL"));
  await once(manager.stderr, "data");
  const client = connect(path);
  let text = "";
  for await (const chunk of client) text += String(chunk);
  assert.deepEqual(JSON.parse(text), { names: [["docker", 3]], left: [], leaked: false });
});

test("variables for another process are left alone, contradictions are refused", () => {
  const take = (environment: Record<string, string>) => {
    try {
      return [...takeInheritedSockets(environment, 77)];
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : "";
    }
  };
  assert.deepEqual(take({}), []);
  assert.deepEqual(take({ LISTEN_PID: "78", LISTEN_FDS: "1" }), []);
  assert.deepEqual(take({ LISTEN_PID: "77", LISTEN_FDS: "0" }), []);
  assert.match(String(take({ LISTEN_PID: "77", LISTEN_FDS: "many" })), /expected a number/);
  assert.match(String(take({ LISTEN_PID: "77", LISTEN_FDS: "999" })), /expected a number/);
  assert.match(String(take({ LISTEN_PID: "77", LISTEN_FDS: "2", LISTEN_FDNAMES: "a:a" })), /two sockets have the name/);
  assert.match(String(take({ LISTEN_PID: "77", LISTEN_FDS: "60" })), /two sockets have the name|is not open/);
});

test("the service manager hears one datagram, by path and in the abstract namespace", async (t) => {
  const receiver = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0", 1))
print("bound", flush=True)
print(s.recv(4096).decode(), flush=True)
`;
  for (const path of [join(folderOf(t), "notify"), `@plimsoll-test-${process.pid}`]) {
    const child = spawn("python3", ["-c", receiver, path], { stdio: ["ignore", "pipe", "inherit"] });
    const heard: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      heard.push(line);
      if (line === "bound") assert.equal(sdNotify("READY=1\nSTATUS=listening", path), true);
    }
    assert.deepEqual(heard, ["bound", "READY=1", "STATUS=listening"]);
  }
});

test("nobody to notify is no error", () => {
  const long = `/${"x".repeat(200)}`;
  assert.deepEqual(
    [undefined, "", "relative", "/nowhere/notify", long].map((path) => sdNotify("READY=1", path ?? "")),
    [false, false, false, false, false],
  );
});

test("the watchdog is fed twice as often as it barks, when it is ours", () => {
  assert.deepEqual(
    [
      watchdogMs({ WATCHDOG_USEC: "30000000" }, 7),
      watchdogMs({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "7" }, 7),
      watchdogMs({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "8" }, 7),
      watchdogMs({ WATCHDOG_USEC: "0" }, 7),
      watchdogMs({ WATCHDOG_USEC: "x" }, 7),
      watchdogMs({}, 7),
    ],
    [15_000, 15_000, undefined, undefined, undefined, undefined],
  );
});
