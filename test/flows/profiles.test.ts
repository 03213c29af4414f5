// Profiles in front of a real engine: what the container can do afterwards, not what the request looked like.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { type GateOptions, startGate, type TestGate } from "../support/gate.ts";
import { demux, type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, listAt, textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;

const profile = [
  "name: tight",
  "images: [web]",
  "capabilities: [NET_BIND_SERVICE]",
  "noNewPrivileges: true",
  "readOnlyRoot: { writable: [/tmp] }",
  "pidsLimit: 64",
  "memory: 64 MiB",
  "user: 1000:1000",
  "seccomp:",
  "  defaultAction: SCMP_ACT_ALLOW",
  "  syscalls:",
  "    - { names: [mkdir, mkdirat], action: SCMP_ACT_ERRNO }",
].join("\n");

let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket, { reference: "web:1" });
  await makeImage(engine.socket, { reference: "other:1", files: [{ name: "other", data: "x" }] });
});

after(async () => {
  await engine?.close();
});

function gateWith(text: string, options: GateOptions = {}): Promise<TestGate> {
  return startGate(engine, {
    files: { "profiles/tight.yaml": text },
    ...options,
    configuration: { profiles: "$FOLDER/profiles", ...options.configuration },
  });
}

function create(gate: TestGate, image: string, script: string, host: object = {}): Promise<Reply> {
  const body = { Image: image, Cmd: ["sh", "-c", script], HostConfig: host };
  return request(gate.socket, "POST", "/containers/create", { body });
}

async function outputOf(gate: TestGate, made: Reply): Promise<string> {
  const id = textAt(made.json, "Id");
  const started = await request(gate.socket, "POST", `/containers/${id}/start`);
  assert.equal(started.status, 204, started.text);
  await request(gate.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 30_000 });
  const logs = await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  return demux(logs.body);
}

const script = [
  "id -u",
  "grep CapBnd /proc/self/status",
  "grep NoNewPrivs /proc/self/status",
  "grep '^Seccomp:' /proc/self/status",
  "mkdir /tmp/folder 2>/dev/null && echo made || echo refused",
  "touch /tmp/file && echo written",
  "touch /file 2>/dev/null || echo read-only",
].join("; ");

test("without a profile the container has all that the engine gives", { skip }, async () => {
  const gate = await startGate(engine);
  try {
    const output = await outputOf(gate, await create(gate, "web:1", script));
    assert.match(output, /^0\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\nmade\nwritten\n$/);
  } finally {
    await gate.close();
  }
});

test("with a profile it has what the profile leaves, and the caller is told", { skip }, async () => {
  const gate = await gateWith(profile);
  try {
    const made = await create(gate, "web:1", script);
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(listAt(made.json, "Warnings").filter((text) => String(text).startsWith("Plimsoll: ")).length, 7);
    const host = await request(engine.socket, "GET", `/containers/${textAt(made.json, "Id")}/json`);
    assert.deepEqual(
      ["PidsLimit", "Memory", "MemorySwap"].map((key) => at(host.json, "HostConfig", key)),
      [64, 64 * 2 ** 20, 64 * 2 ** 20],
    );
    const output = await outputOf(gate, made);
    assert.equal(output, "1000\nCapBnd:\t0000000000000400\nNoNewPrivs:\t1\nSeccomp:\t2\nrefused\nwritten\nread-only\n");
  } finally {
    await gate.close();
  }
});

test("another name on the image, its id, or a stronger wish get nobody around the profile", { skip }, async () => {
  const gate = await gateWith(profile);
  try {
    const image = await request(engine.socket, "GET", "/images/web:1/json");
    const tagged = await request(gate.socket, "POST", "/images/web:1/tag?repo=innocent&tag=1");
    assert.equal(tagged.status, 201, tagged.text);
    for (const name of ["innocent:1", textAt(image.json, "Id"), textAt(image.json, "Id").slice(7, 19)]) {
      const made = await create(gate, name, "grep CapBnd /proc/self/status", {
        SecurityOpt: ["seccomp=unconfined"],
        CapAdd: ["ALL"],
        PidsLimit: -1,
      });
      assert.equal(made.status, 201, `${name}: ${made.text}`);
      assert.equal(await outputOf(gate, made), "CapBnd:\t0000000000000400\n");
    }
    // What the profile does not speak of is still judged.
    const bound = await create(gate, "web:1", "true", { Binds: ["/:/host"] });
    assert.equal(bound.status, 403, bound.text);
  } finally {
    await gate.close();
  }
});

test("limits cannot be lifted afterwards", { skip }, async () => {
  const gate = await gateWith(profile);
  try {
    const id = textAt((await create(gate, "web:1", "sleep 60")).json, "Id");
    const updated = await request(gate.socket, "POST", `/containers/${id}/update`, {
      body: { PidsLimit: -1, Memory: 2 ** 30, MemorySwap: -1 },
    });
    assert.equal(updated.status, 200, updated.text);
    const container = await request(engine.socket, "GET", `/containers/${id}/json`);
    assert.deepEqual(
      ["PidsLimit", "Memory", "MemorySwap"].map((key) => at(container.json, "HostConfig", key)),
      [64, 64 * 2 ** 20, 64 * 2 ** 20],
    );
    await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  } finally {
    await gate.close();
  }
});

test("limits cannot be lifted when the image has lost the name that the profile goes by", { skip }, async () => {
  // Another image: the first one's profile may be remembered by now.
  await makeImage(engine.socket, { reference: "web:2", files: [{ name: "two", data: "2" }] });
  const gate = await gateWith(profile.replace("images: [web]", "images: ['web:2']"));
  try {
    const made = await create(gate, "web:2", "sleep 60");
    const id = textAt(made.json, "Id");
    const imageId = textAt((await request(engine.socket, "GET", "/images/web:2/json")).json, "Id");
    await request(gate.socket, "POST", "/images/web:2/tag?repo=innocent&tag=2");
    const untagged = await request(gate.socket, "DELETE", "/images/web:2");
    assert.equal(untagged.status, 200, untagged.text);
    await request(gate.socket, "POST", `/containers/${id}/update`, {
      body: { PidsLimit: -1, Memory: 2 ** 30, MemorySwap: -1 },
    });
    const container = await request(engine.socket, "GET", `/containers/${id}/json`);
    const again = await create(gate, "innocent:2", "grep CapBnd /proc/self/status");
    const byId = await create(gate, imageId, "grep CapBnd /proc/self/status");
    assert.deepEqual(
      {
        limits: ["PidsLimit", "Memory", "MemorySwap"].map((key) => at(container.json, "HostConfig", key)),
        again: await outputOf(gate, again),
        byId: await outputOf(gate, byId),
      },
      {
        limits: [64, 64 * 2 ** 20, 64 * 2 ** 20],
        again: "CapBnd:\t0000000000000400\n",
        byId: "CapBnd:\t0000000000000400\n",
      },
    );
    await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  } finally {
    await gate.close();
  }
});

test("an image that nobody ran keeps its profile when its name goes to another one, also after a restart", {
  skip,
}, async () => {
  const first = await makeImage(engine.socket, { reference: "kiosk:1", files: [{ name: "first", data: "1" }] });
  await makeImage(engine.socket, { reference: "plain:1", files: [{ name: "second", data: "2" }] });
  const gate = await gateWith(profile.replace("images: [web]", "images: ['kiosk:1']"));
  try {
    const moved = await request(gate.socket, "POST", "/images/plain:1/tag?repo=kiosk&tag=1");
    assert.equal(moved.status, 201, moved.text);
    await gate.kill();
    await gate.start();
    const made = await create(gate, first, "grep CapBnd /proc/self/status");
    assert.equal(await outputOf(gate, made), "CapBnd:\t0000000000000400\n");
  } finally {
    await gate.close();
  }
});

test("nobody writes the label that tells which profiles a container has", { skip }, async () => {
  const gate = await gateWith(profile);
  try {
    const body = { Image: "other:1", Labels: { "dev.plimsoll.profiles": "none" } };
    const refused = await request(gate.socket, "POST", "/containers/create", { body });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /request\/reserved-label/);
  } finally {
    await gate.close();
  }
});

test("other images and listeners that only observe are left as they are", { skip }, async () => {
  for (const [image, mode] of [
    ["other:1", "enforce"],
    ["web:1", "observe"],
  ] as const) {
    const gate = await gateWith(profile, { mode });
    try {
      const made = await create(gate, image, "grep CapBnd /proc/self/status");
      assert.deepEqual(listAt(made.json, "Warnings"), []);
      assert.equal(await outputOf(gate, made), "CapBnd:\t00000000a80425fb\n");
    } finally {
      await gate.close();
    }
  }
});

test("a policy can demand what the profile gives: a runtime, a profile by name", { skip }, async () => {
  const policy = [
    '@id("only-hardened")',
    '@reason("containers here need a profile")',
    '@remedy("ask for a profile for this image")',
    'forbid (principal, action == Action::"container.create", resource) unless { context.profiles.contains("tight") };',
  ].join("\n");
  const gate = await gateWith(profile, {
    files: { "profiles/tight.yaml": profile, "own.cedar": policy },
    policies: ["baseline", "$FOLDER/own.cedar"],
  });
  try {
    assert.equal((await create(gate, "web:1", "true")).status, 201);
    const refused = await create(gate, "other:1", "true");
    assert.equal(refused.status, 403);
    assert.match(refused.text, /containers here need a profile/);
  } finally {
    await gate.close();
  }
});

test("what a profile demands of the watch raises levels, and lowers none", { skip }, async () => {
  const gate = await gateWith("name: tight\nimages: [web]\nprotections: { drift: block, memory: 'off' }\n", {
    configuration: { watch: { unknown: "off" } },
  });
  try {
    await eventually(
      () => run(["status", "--config", `${gate.folder}/plimsoll.yaml`]),
      ({ stdout }) => /watch +on,/.test(stdout),
    );
    const made = await create(gate, "web:1", "cp /bin/busybox /tmp/new; /tmp/new echo ran; echo end");
    assert.equal(made.status, 201, made.text);
    assert.deepEqual((await outputOf(gate, made)).trim().split("\n").sort(), ["Killed", "end"]);
    const record = (await gate.recorded()).find(({ action }) => action === "container.watch");
    const levels = record?.facts["levels"];
    assert.ok(
      Array.isArray(levels) && levels.includes("drift=block") && levels.includes("memory=block"),
      String(levels),
    );
  } finally {
    await gate.close();
  }
});

test("a mistake in a profile keeps the gate from starting, with file and place", { skip }, async () => {
  await assert.rejects(
    gateWith("name: tight\nimages: [web]\ncapabilties: []\n"),
    /tight\.yaml: capabilties: no such key/,
  );
});
