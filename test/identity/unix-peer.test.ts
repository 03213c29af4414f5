// Real processes of other users, namespaces and containers connect to a real socket.

import assert from "node:assert/strict";
import { once } from "node:events";
import { chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../../src/base/errors.ts";
import { identitySettings } from "../../src/identity/identify.ts";
import { unixPeer } from "../../src/identity/providers/unix-peer.ts";
import type { SeenPeer } from "../../src/model/connection.ts";
import type { Principal } from "../../src/model/principal.ts";
import { connecting, openMeeting } from "./caller.ts";

const needsRoot = process.getuid?.() === 0 ? false : "needs root";

function idOf(named: Principal | string): string {
  return typeof named === "string" ? named : named.id;
}

test("a caller is its user with its groups, and its program is named", { skip: needsRoot }, async (t) => {
  const meeting = await openMeeting(t);
  const named = await meeting.whoIs([...asUser(65_534, "4,27"), ...connecting, meeting.path]);
  assert.ok(typeof named === "object", String(named));
  const { process: caller, ...rest } = named;
  assert.deepEqual(rest, {
    id: "unix:nobody",
    kind: "unix",
    name: "nobody",
    groups: ["unix:adm", "unix:nogroup", "unix:sudo"],
    owner: "unix:nobody",
    provider: "unix-peer",
  });
  assert.deepEqual(
    [caller?.uid, caller?.gid, caller?.executable, caller?.container],
    [65_534, 65_534, realpathSync("/usr/bin/python3"), undefined],
  );
});

test("a user without a name is a number, and a group too", { skip: needsRoot }, async (t) => {
  const meeting = await openMeeting(t);
  const named = await meeting.whoIs([...asUser(123_456, "654321"), ...connecting, meeting.path]);
  assert.ok(typeof named === "object");
  assert.deepEqual([named.id, named.groups], ["unix:#123456", ["unix:#123456", "unix:#654321"]]);
});

test("who was seen when the connection came stays its caller, whoever has the process id later", async () => {
  const seen: SeenPeer = {
    kind: "process",
    process: { pid: process.pid, uid: 0, gid: 0, container: "d".repeat(64) },
    gids: [0],
  };
  const unclear: SeenPeer = {
    kind: "unclear",
    error: new PlimsollError("NOT_AUTHENTICATED", "it had ended", { hint: "x" }),
  };
  const name = (peer: SeenPeer) => unixPeer.identify({ transport: "unix", fd: -1, seen: peer }, identitySettings())?.id;
  assert.equal(name(seen), `container:${"d".repeat(64)}`);
  assert.throws(() => name(unclear), { code: "NOT_AUTHENTICATED", message: "it had ended" });
});

test("our own process is named as well", async (t) => {
  const meeting = await openMeeting(t);
  const named = meeting.whoIs(["/bin/sleep", "5"]);
  const peer = connect(meeting.path);
  await once(peer, "connect");
  assert.match(idOf(await named), /^unix:/);
});

test("root of a user namespace is never root: a user stays itself, real root without its namespace is refused", {
  skip: needsRoot,
}, async (t) => {
  const meeting = await openMeeting(t);
  const mapped = ["/usr/bin/unshare", "--user", "--map-root-user"];
  assert.equal(idOf(await meeting.whoIs([...asUser(65_534), ...mapped, ...connecting, meeting.path])), "unix:nobody");
  assert.match(
    idOf(await meeting.whoIs([...mapped, ...connecting, meeting.path])),
    /root of another user namespace only/,
  );
});

test("a sandbox that no engine explains is refused", { skip: needsRoot }, async (t) => {
  const meeting = await openMeeting(t);
  const sandboxed = ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", ...connecting, meeting.path];
  assert.match(idOf(await meeting.whoIs(sandboxed)), /another process namespace, and in no container/);
});

test("a program that was mounted over another is not taken for it", { skip: needsRoot }, async (t) => {
  const meeting = await openMeeting(t);
  const real = realpathSync("/usr/bin/python3");
  const copy = join(meeting.folder, "copy");
  copyFileSync(real, copy);
  const script = `mount --bind "$0" "$1"; shift; exec "$@"`;
  const command = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, copy, real, real, ...connecting.slice(1)];
  const named = await meeting.whoIs([...command, meeting.path]);
  assert.ok(typeof named === "object", String(named));
  assert.deepEqual([named.id, named.process?.executable], ["unix:root", undefined]);
});

test("a caller that has ended is refused, also while nobody waited for it", { skip: needsRoot }, async (t) => {
  const meeting = await openMeeting(t);
  for (const wait of ["", "os.waitpid(child, 0)"]) {
    const script = `
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
child = os.fork()
if child == 0:
  s.connect(sys.argv[1])
  os._exit(0)
while open(f"/proc/{child}/stat").read().split(") ")[-1][0] != "Z": time.sleep(0.01)
${wait}
print("ended", flush=True)
s.recv(1)
`;
    const command = ["/usr/bin/python3", "-c", script, meeting.path];
    const named = await meeting.whoIsLater(command, (line) => line.includes("ended"));
    assert.match(idOf(named), /has ended|cannot be read|SO_PEERPIDFD/, wait);
  }
});

test("a control group that a user made for herself does not make her another's container", {
  skip: needsRoot,
}, async (t) => {
  const meeting = await openMeeting(t);
  const claimed = "c".repeat(64);
  const enter = (group: string, ...then: readonly string[]) => ["/bin/sh", "-c", intoGroup, group, ...then];
  const given = givenControlGroup(t, 65_534);
  const byUser = enter(given, ...asUser(65_534), ...enter(join(given, `docker-${claimed}.scope`), ...connecting));
  assert.match(idOf(await meeting.whoIs([...byUser, meeting.path])), /others than root may claim it/);
  const own = givenControlGroup(t, 0);
  const byRoot = enter(join(own, claimed), ...connecting);
  assert.equal(idOf(await meeting.whoIs([...byRoot, meeting.path])), `container:${claimed}`);
});

/** Makes a control group, moves into it, and becomes the command. */
const intoGroup = `mkdir -p "$0" && echo $$ > "$0/cgroup.procs" && exec "$@"`;

function asUser(uid: number, groups: string = ""): readonly string[] {
  const words = groups === "" ? ["--clear-groups"] : ["--groups", groups];
  return ["/usr/bin/setpriv", "--reuid", String(uid), "--regid", String(uid), ...words];
}

/** A part of the tree that belongs to a user, as `Delegate=yes` makes it. */
function givenControlGroup(t: TestContext, uid: number): string {
  const path = join(controlGroupRoot(), `plimsoll-test-${process.pid}-${uid}`);
  mkdirSync(path);
  for (const file of ["", "cgroup.procs"]) chownSync(join(path, file), uid, uid);
  t.after(() => removeTree(path));
  return path;
}

function controlGroupRoot(): string {
  return existsSync("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
}

/** Groups vanish with their last process, which has just been killed. */
async function removeTree(path: string): Promise<void> {
  for (let attempt = 0; attempt < 100 && existsSync(path); attempt++) {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const folder of [...below.map((entry) => join(path, entry.name)), path]) tryRemove(folder);
    await sleep(20);
  }
}

function tryRemove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // still busy: the next attempt removes it
  }
}
