// What is proposed from behaviour: enough for what was seen, nothing of what an attacker would want, and never weaker than no profile.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fieldAt, listAt, textsAt } from "../../src/base/reading.ts";
import { propose } from "../../src/harden/propose/propose.ts";
import { writableFolders } from "../../src/harden/propose/writable-folders.ts";
import { readProfile } from "../../src/harden/read-profile.ts";
import type { Behaviour } from "../../src/model/behaviour.ts";

const imageId = `sha256:${"a".repeat(64)}`;
const wishes = { name: "web", images: [imageId], usesAppArmor: true };

const nothing: Behaviour = {
  imageId,
  image: "web:1",
  from: "2026-01-01T00:00:00.000Z",
  to: "2026-01-01T01:00:00.000Z",
  containers: 1,
  executables: [],
  children: [],
  written: [],
  ports: [],
  peers: [],
  systemCalls: [],
  capabilities: undefined,
  users: [101],
  gainsByFiles: false,
  opensRawSockets: false,
  mostProcesses: 0,
  mostMemory: 0,
  leftOut: [],
  lost: 0,
};

function proposalOf(behaviour: Partial<Behaviour>) {
  return propose({ ...nothing, ...behaviour }, wishes);
}

test("a web server gets what it used and no more", () => {
  const { profile, flags, notes } = proposalOf({
    executables: ["/usr/sbin/nginx"],
    written: [
      "/run/nginx.pid",
      "/var/cache/nginx/client_temp/1",
      "/var/cache/nginx/proxy_temp/2",
      "/dev/null",
      "/proc/self/attr",
    ],
    ports: [80],
    peers: [{ to: "10.0.0.5", port: 5432 }],
    systemCalls: ["bind", "listen", "chown", "setuid", "setgid", "clone", "ptrace"],
    users: [0, 101],
    mostProcesses: 5,
    mostMemory: 20 * 2 ** 20,
  });
  assert.deepEqual(
    { ...profile, seccomp: undefined },
    {
      name: "web",
      images: [imageId],
      capabilities: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"],
      noNewPrivileges: true,
      readOnlyRoot: { writable: ["/run", "/var/cache/nginx/client_temp", "/var/cache/nginx/proxy_temp"] },
      pidsLimit: 32,
      memory: 64 * 2 ** 20,
      seccomp: undefined,
      apparmor: "plimsoll-web",
      connect: [{ to: "10.0.0.5", port: 5432 }],
    },
  );
  assert.deepEqual(flags.slice(0, 3), ["--cap-drop=ALL", "--cap-add=CHOWN", "--cap-add=DAC_OVERRIDE"]);
  assert.deepEqual(notes, [
    "capabilities are concluded from system calls; this kernel does not tell which were asked for",
    "called, and not allowed all the same: ptrace",
  ]);
});

test("capabilities that the kernel was asked for are taken as they are", () => {
  const { profile } = proposalOf({ capabilities: ["CAP_SYS_TIME"], users: [0], systemCalls: ["chown"] });
  assert.deepEqual(profile.capabilities, ["CAP_SYS_TIME"]);
});

test("who never was root keeps no capability", () => {
  assert.deepEqual(proposalOf({ systemCalls: ["chown", "setuid", "kill"] }).profile.capabilities, []);
});

test("the filter is never weaker than the engine's own", () => {
  const { profile } = proposalOf({
    systemCalls: ["mount", "unshare", "bpf", "io_uring_setup", "userfaultfd", "keyctl", "clone", "clone3", "accept4"],
  });
  const rules = listAt(profile.seccomp, "syscalls");
  const plain = textsAt(rules[0], "names");
  assert.deepEqual(
    ["mount", "unshare", "bpf", "io_uring_setup", "userfaultfd", "keyctl", "clone", "clone3", "accept4"].filter(
      (name) => plain.includes(name),
    ),
    ["accept4"],
  );
  // New namespaces are not to be had by clone, and clone3 does not exist for the container.
  assert.deepEqual(
    rules.slice(1).map((rule) => [textsAt(rule, "names"), fieldAt(rule, "action"), fieldAt(rule, "errnoRet")]),
    [
      [["clone"], "SCMP_ACT_ALLOW", undefined],
      [["clone3"], "SCMP_ACT_ERRNO", 38],
    ],
  );
});

test("what is proposed is a profile that the gate reads", () => {
  const { files, profile } = proposalOf({
    executables: ["/bin/a"],
    written: ["/tmp/x"],
    mostMemory: 2 ** 27,
    mostProcesses: 100,
  });
  const byName = new Map(files.map(({ name, text }) => [name, text]));
  const read = readProfile({
    file: "web.yaml",
    text: byName.get("web.yaml") ?? "",
    readFile: (name) => new TextEncoder().encode(byName.get(name) ?? ""),
  });
  assert.deepEqual(JSON.parse(JSON.stringify({ ...read, file: undefined })), JSON.parse(JSON.stringify(profile)));
  assert.deepEqual([...byName.keys()], ["web.yaml", "web.seccomp.json", "web.apparmor", "web.cedar"]);
});

test("events that were lost and files at the root are told", () => {
  const { profile, notes } = proposalOf({ written: ["/state"], lost: 7, systemCalls: undefined, containers: 0 });
  assert.equal(profile.readOnlyRoot, undefined);
  assert.deepEqual(notes, [
    "no container of this image ran meanwhile: there is nothing to learn from",
    "7 events were lost: what they told is missing here",
    "capabilities are concluded from system calls; this kernel does not tell which were asked for",
    "system calls were not counted: the engine's own filter stays",
    "the root file system stays writable: /state lies right below /",
  ]);
});

test("many folders become few, and every written file stays in one of them", () => {
  const segment = fc.constantFrom("a", "b", "c", "cache", "tmp", "x y", "ü");
  const path = fc.array(segment, { minLength: 2, maxLength: 6 }).map((parts) => `/${parts.join("/")}`);
  fc.assert(
    fc.property(fc.array(path, { maxLength: 200 }), (written) => {
      const { folders } = writableFolders(written);
      assert.ok(folders.length <= 20 || folders.every((folder) => folder.lastIndexOf("/") === 0));
      assert.ok(written.every((file) => folders.some((folder) => file.startsWith(`${folder}/`))));
    }),
  );
});

const parser = spawnSync("apparmor_parser", ["--version"]).status === 0;

test("the AppArmor profile is one that AppArmor reads, whatever the files are called", {
  skip: parser ? false : "apparmor_parser is not installed",
}, () => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-apparmor-"));
  try {
    const hostile = [
      "/bin/a b",
      '/bin/"quoted"',
      "/bin/{x,y}*[z]",
      "/bin/back\\slash",
      "/bin/a,\n capability sys_admin,",
      "/bin/#x",
      "/bin/@{PROC}",
      "/bin/^",
      "relative",
    ];
    const { files } = proposalOf({
      executables: hostile,
      written: hostile.map((path) => `${path}/file`),
      opensRawSockets: true,
    });
    const text = files.find(({ name }) => name === "web.apparmor")?.text ?? "";
    assert.ok(!text.includes("sys_admin"));
    const file = join(folder, "web");
    writeFileSync(file, text);
    const read = spawnSync("apparmor_parser", ["--skip-kernel-load", "--skip-cache", file], { encoding: "utf8" });
    assert.equal(read.status, 0, read.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
