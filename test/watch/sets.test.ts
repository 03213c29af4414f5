// How closely the policy sets that ship have containers watched, and what is left of the watch without root: in front of a real engine.

import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { after, before, test } from "node:test";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { demux, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let image = "";

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ startTimeoutMs: 120_000 });
  image = await makeImage(engine.socket);
  chmodSync(engine.folder, 0o755);
  chmodSync(engine.socket, 0o666);
});
after(() => engine?.close());

/** What restricted asks of everybody. */
const modest = {
  User: "1000:1000",
  HostConfig: {
    NetworkMode: "none",
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    PidsLimit: 64,
    Memory: 64 * 2 ** 20,
    Tmpfs: { "/tmp": "" },
    UsernsMode: "",
  },
};

/** Who is not root has his profiles at home. */
const home = { HOME: "/nonexistent", XDG_RUNTIME_DIR: "/nonexistent" };

async function watching(gate: TestGate): Promise<void> {
  await eventually(
    () => run(["status", "--config", `${gate.folder}/plimsoll.yaml`]),
    ({ stdout }) => /watch +on,/.test(stdout),
  );
}

const everywhere = (level: string): readonly string[] =>
  ["drift", "memory", "escape", "host-paths", "network", "malware", "mining"].map((name) => `${name}=${level}`);

const sets = [
  ["observe", everywhere("detect")],
  ["baseline", everywhere("detect").map((each) => (each.startsWith("memory") ? "memory=block" : each))],
  ["restricted", everywhere("block")],
] as const;

for (const [set, levels] of sets) {
  test(`under ${set} a container is watched as the manual says`, { skip }, async (t) => {
    const gate = await startGate(engine, { policies: [set], configuration: { watch: { unknown: "off" } } });
    t.after(() => gate.close());
    await watching(gate);
    const made = await request(gate.socket, "POST", "/containers/create", {
      // /dev/shm is the only place where it may write a program, were it allowed to run one.
      body: {
        Image: image,
        Cmd: ["sh", "-c", "cp /bin/busybox /dev/shm/x; /dev/shm/x true; echo $?; id -u"],
        ...modest,
      },
    });
    assert.equal(made.status, 201, made.text);
    const id = textAt(made.json, "Id");
    t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
    const record = (await gate.recorded()).find(({ action }) => action === "container.watch");
    await request(gate.socket, "POST", `/containers/${id}/start`);
    await request(gate.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 60_000 });
    const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    assert.deepEqual(record?.facts["levels"], levels);
    assert.match(demux(logs.body), /^1000$/m);
  });
}

test("under restricted a program that came from elsewhere does not run, and what is in the image does", {
  skip,
}, async (t) => {
  const gate = await startGate(engine, { policies: ["restricted"], configuration: { watch: { unknown: "off" } } });
  t.after(() => gate.close());
  await watching(gate);
  const script =
    "echo begin; i=0; while [ $i -lt 200 ] && [ ! -e /tmp/x ]; do sleep 0.1; i=$((i+1)); done; (exec /tmp/x true); echo $?; /bin/true && echo end";
  const made = await request(gate.socket, "POST", "/containers/create", {
    body: {
      Image: image,
      Cmd: ["sh", "-c", `cp /bin/busybox /tmp/x; ${script}`],
      ...modest,
      HostConfig: { ...modest.HostConfig, Tmpfs: { "/tmp": "exec" } },
    },
  });
  assert.equal(made.status, 201, made.text);
  const id = textAt(made.json, "Id");
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  await request(gate.socket, "POST", `/containers/${id}/start`);
  await request(gate.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 60_000 });
  const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  // Without BPF LSM it is killed before its first instruction, with it refused.
  assert.match(demux(logs.body), /^begin$.*^(?:137|126)$.*^end$/ms);
});

test("without root the gate works alone, says what is off and why, and claims nothing", { skip }, async (t) => {
  const gate = await startGate(engine, {
    uid: 61_301,
    environment: home,
    configuration: { watch: { unknown: "detect" } },
  });
  t.after(() => gate.close());
  const said = await eventually(
    () => gate.log(),
    (text) => /^ {2}watch /m.test(text),
  );
  const made = await request(gate.socket, "POST", "/containers/create", {
    body: { Image: "bb:1", Cmd: ["echo", "ran"], HostConfig: { NetworkMode: "none" } },
  });
  const id = textAt(made.json, "Id");
  const started = await request(gate.socket, "POST", `/containers/${id}/start`);
  await request(gate.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 60_000 });
  await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  const config = ["--config", `${gate.folder}/plimsoll.yaml`];
  const [status, tiers] = [await run(["status", ...config]), await run(["watch", "tiers", ...config])];
  assert.deepEqual([made.status, started.status, await gate.stop()], [201, 204, 0], made.text);
  assert.match(
    said,
    /^ {2}watch {2}off: programs for the kernel may be loaded by root only \(run plimsoll as root\)$/m,
  );
  assert.match(status.stdout, /^watch +off: programs for the kernel may be loaded by root only/m);
  assert.doesNotMatch(said + status.stdout, /can block/);
  assert.match(tiers.stdout + tiers.stderr, /root|nobody watches/);
});

test("without root, where somebody has to watch, no container is made and the reason is told", { skip }, async (t) => {
  const watch = { unknown: "detect", required: true };
  const gate = await startGate(engine, { uid: 61_302, environment: home, configuration: { watch } });
  t.after(() => gate.close());
  await eventually(
    () => gate.log(),
    (text) => /^ {2}watch /m.test(text),
  );
  const made = await request(gate.socket, "POST", "/containers/create", { body: { Image: "bb:1" } });
  assert.equal(made.status, 503);
  assert.match(made.text, /nobody watches containers: programs for the kernel may be loaded by root only/);
});
