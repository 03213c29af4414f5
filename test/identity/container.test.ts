// Callers inside real containers that have the socket mounted: the container is the caller, whatever user it shows.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { Principal } from "../../src/model/principal.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { makeImage } from "../support/images.ts";
import { connecting, type Meeting, openMeeting } from "./caller.ts";

const skip = whyNoEngine() ?? false;
const run = promisify(execFile);
const state: { engine?: TestEngine } = {};

before(async () => {
  if (skip) return;
  state.engine = await startEngine();
  await makeImage(state.engine.socket);
});
after(() => state.engine?.close());

function docker(...words: readonly string[]): readonly string[] {
  return ["docker", "--host", `unix://${state.engine?.socket}`, ...words];
}

/** The host's Python comes along, read-only, so that the container can connect. */
function inContainer(meeting: Meeting, ...options: readonly string[]): readonly string[] {
  const programs = ["/usr", "/lib", "/lib64"].flatMap((path) => ["--volume", `${path}:${path}:ro`]);
  const shared = ["--volume", `${meeting.folder}:${meeting.folder}`];
  return docker("run", "--rm", "--network=none", ...programs, ...shared, ...options, "bb:1");
}

async function newestContainer(): Promise<string> {
  const [program = "", ...words] = docker("ps", "--quiet", "--no-trunc", "--latest");
  return (await run(program, words)).stdout.trim();
}

function fingerprint(named: Principal | string): unknown {
  if (typeof named === "string") return named;
  const { id, kind, name, groups, owner, process: caller } = named;
  return { id, kind, name, groups, owner, uid: caller?.uid, container: caller?.container, program: caller?.executable };
}

test("root and other users of a container are that container, and nobody's groups help them", { skip }, async (t) => {
  const meeting = await openMeeting(t);
  for (const user of [0, 1000]) {
    const asUser = inContainer(meeting, "--user", String(user), "--group-add", "27");
    const named = await meeting.whoIs([...asUser, ...connecting, meeting.path]);
    assert.ok(typeof named === "object", String(named));
    const container = named.process?.container ?? "";
    assert.match(container, /^[0-9a-f]{64}$/);
    assert.deepEqual(fingerprint(named), {
      id: `container:${container}`,
      kind: "container",
      name: container.slice(0, 12),
      groups: [],
      owner: `container:${container}`,
      uid: user,
      container,
      program: named.process?.executable,
    });
  }
});

test("a powerful container in the host's namespaces is still that container", { skip }, async (t) => {
  const meeting = await openMeeting(t);
  const opened = ["--cap-add=SYS_ADMIN", "--pid=host", "--ipc=host", "--uts=host", "--cgroupns=host"];
  for (const options of [opened, ["--cgroup-parent=/plimsoll-test-parent"]]) {
    const named = await meeting.whoIs([...inContainer(meeting, ...options), ...connecting, meeting.path]);
    assert.ok(typeof named === "object", String(named));
    assert.equal(named.kind, "container");
  }
});

test("who enters a container by exec is that container", { skip }, async (t) => {
  const meeting = await openMeeting(t);
  const [program = "", ...words] = inContainer(meeting, "--detach");
  const id = (await run(program, [...words, "sleep", "60"])).stdout.trim();
  const named = await meeting.whoIs(docker("exec", id, ...connecting, meeting.path));
  assert.equal(typeof named === "object" ? named.id : named, `container:${id}`);
  assert.equal(await newestContainer(), id);
  const [remover = "", ...rest] = docker("rm", "--force", id);
  await run(remover, rest);
});

test("a process of a container that connects and ends at once is not taken for the host's root", {
  skip,
}, async (t) => {
  const meeting = await openMeeting(t);
  const script = join(meeting.folder, "leave.py");
  writeFileSync(
    script,
    `
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX)
child = os.fork()
if child == 0:
  s.connect(sys.argv[1])
  os._exit(0)
while open(f"/proc/{child}/stat").read().split(") ")[-1][0] != "Z": time.sleep(0.01)
print(open(f"/proc/{child}/cgroup").read().replace("\\n", " "), "ended", flush=True)
s.recv(1)
`,
  );
  chmodSync(script, 0o755);
  const command = [...inContainer(meeting), "/usr/bin/python3", script, meeting.path];
  const named = await meeting.whoIsLater(command, (line) => line.includes("ended"));
  assert.match(typeof named === "string" ? named : named.id, /has ended/);
});
