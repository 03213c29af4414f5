// The report: doors with who may open them, holes by version, kernel and plugins - on files and engines of the test's own.

import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { hostsOf } from "../../src/cli/doctor/find-doors.ts";
import { findHoles, readDebianPackages } from "../../src/cli/doctor/find-holes.ts";
import { kernelFeatures } from "../../src/cli/doctor/kernel-features.ts";
import { knownHoles } from "../../src/cli/doctor/known-holes.ts";
import { whyOff } from "../../src/cli/doctor/plugin-states.ts";
import { accessOf } from "../../src/cli/doctor/users-of.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { startGate } from "../support/gate.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { run } from "./program.ts";

const needsRoot = process.getuid?.() === 0 ? false : "needs root";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-doctor-"));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("who may open a socket: members of its group, primary members too, its owner, or everybody", {
  skip: needsRoot,
}, async (t) => {
  const folder = folderOf(t);
  const files = { passwd: join(folder, "passwd"), group: join(folder, "group") };
  writeFileSync(files.passwd, "root:x:0:0::/:\nalice:x:1001:1001::/:\nbob:x:1002:42::/:\ncarol:x:1003:1003::/:\n");
  writeFileSync(files.group, "root:x:0:\ndocker:x:42:alice,root\n");
  const path = join(folder, "shut", "docker.sock");
  mkdirSync(join(folder, "shut"), { mode: 0o755 });
  const server = createServer().listen(path);
  await once(server, "listening");
  t.after(() => server.close());
  const seen = (mode: number, uid: number, gid: number, above: number = 0o755) => {
    chmodSync(join(folder, "shut"), above);
    chownSync(path, uid, gid);
    chmodSync(path, mode);
    return accessOf(path, files);
  };
  assert.deepEqual(
    [seen(0o660, 0, 42), seen(0o600, 0, 42), seen(0o600, 1003, 0), seen(0o666, 0, 0), seen(0o666, 0, 0, 0o700)],
    [
      { access: "root:docker 0660", users: ["alice", "bob"] },
      { access: "root:docker 0600", users: [] },
      { access: "carol:root 0600", users: ["carol"] },
      { access: "root:root 0666", users: ["every user of this host"] },
      { access: "root:root 0666", users: [] },
    ],
  );
});

test("holes are found by version, and Debian's own fixes are known", () => {
  const version = (engine: string, runc: string, minApi: string) => ({
    Version: engine,
    MinAPIVersion: minApi,
    Components: [
      { Name: "Engine", Version: engine },
      { Name: "runc", Version: runc },
    ],
  });
  const ids = (found: unknown, packages: Readonly<Record<string, string>> = {}) =>
    findHoles(found, new Map(Object.entries(packages))).map((hole) => hole.id);
  const bookworm = version("20.10.24+dfsg1", "1.1.5+ds1", "1.12");
  const always = ["CVE-2026-34040", "create-body-top-level", "CVE-2024-24557", "CVE-2025-31133", "api-before-1.24"];
  assert.deepEqual(
    {
      debian: ids(bookworm, { "docker.io": "20.10.24+dfsg1-1+deb12u1+b6", runc: "1.1.5+ds1-1+deb12u1" }).sort(),
      unpatched: ids(bookworm, { "docker.io": "20.10.24+dfsg1-1", runc: "1.1.5+ds1-1" }).sort(),
      current: ids(version("29.3.1", "1.3.4", "1.44")),
      justBefore: ids(version("29.3.0", "1.3.2", "1.44")),
      nothing: ids({}),
    },
    {
      debian: always.toSorted(),
      unpatched: [...always, "CVE-2024-41110", "CVE-2024-21626"].sort(),
      current: [],
      justBefore: ["CVE-2026-34040", "CVE-2025-31133"],
      nothing: [],
    },
  );
  assert.ok(knownHoles.every((hole) => hole.source.startsWith("https://") && hole.affected.length > 0));
});

test("Debian's package list is read, also when it is not there", (t) => {
  const file = join(folderOf(t), "status");
  writeFileSync(
    file,
    "Package: runc\nStatus: install ok installed\nVersion: 1.1.5+ds1-1+deb12u1\n\nPackage: docker.io\nStatus: deinstall ok config-files\nVersion: 1\n",
  );
  assert.deepEqual([...readDebianPackages(file)], [["runc", "1.1.5+ds1-1+deb12u1"]]);
  assert.deepEqual([...readDebianPackages("/nowhere")], []);
});

test("the kernel's features are read from its files", (t) => {
  const root = folderOf(t);
  const put = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("/proc/sys/user/max_user_namespaces", "0\n");
  put("/proc/sys/kernel/seccomp/actions_avail", "kill_process trap errno allow\n");
  put("/sys/kernel/security/lsm", "capability,apparmor,bpf\n");
  put("/sys/module/apparmor/parameters/enabled", "Y\n");
  put("/sys/fs/cgroup/cgroup.controllers", "cpu\n");
  const states = Object.fromEntries(kernelFeatures(root, "6.1.0-40-amd64").map(({ name, state }) => [name, state]));
  assert.deepEqual(states, {
    seccomp: "on",
    "user namespaces": "off",
    AppArmor: "on",
    SELinux: "off",
    "BPF LSM": "on",
    BTF: "off",
    "cgroup v2": "on",
    "peer pidfd": "off",
  });
});

test("a plugin that cannot work says why in one sentence", () => {
  const around = { platform: "linux", isRoot: false, path: "/usr/bin:/bin" };
  const why = (needs: Parameters<typeof whyOff>[0]["needs"]) => whyOff({ name: "x", summary: "x", needs }, around);
  assert.deepEqual(
    [
      why({}),
      why({ root: true }),
      why({ platforms: ["darwin", "win32"] }),
      why({ programs: ["sh", "no-such-program"] }),
      why({ files: ["/nowhere"] }),
    ],
    [
      undefined,
      "needs root",
      "works on darwin and win32, this is linux",
      "needs the program no-such-program",
      "needs /nowhere",
    ],
  );
});

test("an engine's hosts are read from its command line in every spelling", () => {
  const words = [
    "dockerd",
    "-H",
    "unix:///a",
    "--host=tcp://0.0.0.0:2375",
    "-Hfd://",
    "-H=tcp://[::1]:1",
    "--host",
    "x",
  ];
  assert.deepEqual(hostsOf(words), ["unix:///a", "tcp://0.0.0.0:2375", "fd://", "tcp://[::1]:1", "x"]);
});

test("a real engine: an open socket and a container that mounts it are found, a gate is seen as guarded", {
  skip: whyNoEngine() ?? false,
}, async (t) => {
  const engine = await startEngine();
  t.after(() => engine.close());
  await makeImage(engine.socket);
  const body = {
    Image: "bb:1",
    Cmd: ["sleep", "60"],
    HostConfig: { NetworkMode: "none", Binds: [`${engine.folder}:/host`] },
  };
  const made = await request(engine.socket, "POST", "/containers/create?name=portal", { body });
  await request(engine.socket, "POST", `/containers/${textAt(made.json, "Id")}/start`);
  const gate = await startGate(engine);
  t.after(() => gate.close());
  const look = async (socket: string) => {
    const { code, stdout } = await run(["doctor", "--json"], { environment: { DOCKER_HOST: `unix://${socket}` } });
    const door = JSON.parse(stdout).doors.find((each: { address: string }) => each.address === socket);
    return { code, isGuarded: door?.isGuarded, containers: door?.containers, runsAs: door?.runsAs };
  };
  assert.deepEqual(await look(engine.socket), { code: 1, isGuarded: false, containers: ["portal"], runsAs: "root" });
  assert.deepEqual((await look(gate.socket)).isGuarded, true);
  const shown = (await run(["doctor"], { environment: { DOCKER_HOST: `unix://${engine.socket}` } })).stdout;
  assert.match(shown, /mounted into portal/);
});
