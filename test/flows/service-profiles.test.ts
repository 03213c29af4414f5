// Profiles of services, in front of a real swarm: what a task can do, not what the service looked like.

import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import type { TestGate } from "../support/gate.ts";
import { type Reply, request } from "../support/http.ts";
import { at, listAt, textAt } from "../support/json.ts";
import {
  carriedByAll,
  gateOfSwarm,
  makeService,
  removeService,
  startSwarm,
  taskOf,
} from "../support/service-profiles.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;
let gate: TestGate;
let swarm: string | undefined;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ network: true, startTimeoutMs: 120_000 });
  swarm = await startSwarm(engine);
  gate = await gateOfSwarm(engine, carriedByAll);
});
after(async () => {
  await gate?.close();
  await engine?.close();
});

function inSwarm(says: string, run: (t: TestContext) => Promise<void>): void {
  test(says, { skip }, (t) => (swarm === undefined ? run(t) : t.skip(swarm)));
}

inSwarm(
  "the task of a service has what the profile leaves, whatever the service asks for, and the caller is told",
  async (t) => {
    const greedy = { CapabilityAdd: ["CAP_SYS_ADMIN", "CAP_NET_BIND_SERVICE"], User: "0", ReadOnly: false };
    const made = await makeService(gate, "web:1", greedy);
    assert.equal(made.status, 201, made.text);
    const service = textAt(made.json, "ID");
    t.after(() => removeService(engine, service));
    const { lines, host } = await taskOf(engine, service);
    assert.deepEqual(
      {
        lines,
        limits: ["PidsLimit", "Memory"].map((key) => at(host, key)),
        warnings: listAt(made.json, "Warnings").filter((text) => String(text).startsWith("Plimsoll: ")).length,
      },
      {
        lines: [
          ...["1000", "CapBnd:\t0000000000000400", "NoNewPrivs:\t0", "Seccomp:\t2", "made", "written", "read-only"],
          " /tmp tmpfs rw,nosuid,nodev,noexec,relatime",
        ],
        limits: [64, 64 * 2 ** 20],
        warnings: 6,
      },
    );
  },
);

inSwarm("the limits of a task's container cannot be lifted", async (t) => {
  const made = await makeService(gate, "web:1");
  const service = textAt(made.json, "ID");
  t.after(() => removeService(engine, service));
  const { id } = await taskOf(engine, service);
  await request(gate.socket, "POST", "/images/web:1/tag?repo=innocent&tag=1");
  await request(gate.socket, "DELETE", "/images/web:1");
  t.after(() => request(engine.socket, "POST", "/images/innocent:1/tag?repo=web&tag=1"));
  const body = { PidsLimit: -1, Memory: 2 ** 30, MemorySwap: -1 };
  await request(gate.socket, "POST", `/containers/${id}/update`, { body });
  const found = await request(engine.socket, "GET", `/containers/${id}/json`);
  assert.deepEqual(
    ["PidsLimit", "Memory"].map((key) => at(found.json, "HostConfig", key)),
    [64, 64 * 2 ** 20],
  );
});

inSwarm("an update of the service, another name on the image and a digest get nobody around the profile", async (t) => {
  const made = await makeService(gate, "other:1");
  const service = textAt(made.json, "ID");
  t.after(() => removeService(engine, service));
  await request(gate.socket, "POST", "/images/web:1/tag?repo=innocent&tag=1");
  for (const image of ["web:1", "innocent:1", `web:1@sha256:${"a".repeat(64)}`]) {
    const updated = await eventually(
      () => updateService(service, image),
      // The swarm itself changes a service while its tasks are rolled out: whoever updates it asks for the version again.
      ({ text }) => !text.includes("out of sequence"),
    );
    assert.equal(updated.status, 200, updated.text);
    const { json } = await request(engine.socket, "GET", `/services/${service}`);
    const spec = at(json, "Spec", "TaskTemplate", "ContainerSpec");
    assert.deepEqual(
      [at(spec, "CapabilityAdd"), at(spec, "CapabilityDrop"), at(spec, "ReadOnly"), at(spec, "User")],
      [["CAP_NET_BIND_SERVICE"], ["ALL"], true, "1000:1000"],
      image,
    );
  }
});

async function updateService(service: string, image: string): Promise<Reply> {
  const before = await request(engine.socket, "GET", `/services/${service}`);
  const version = String(at(before.json, "Version", "Index"));
  const TaskTemplate = { ContainerSpec: { Image: image, CapabilityAdd: ["CAP_SYS_CHROOT"] } };
  const body = { Name: at(before.json, "Spec", "Name"), TaskTemplate };
  return await request(gate.socket, "POST", `/services/${service}/update?version=${version}`, { body });
}

inSwarm("what a service cannot carry is refused, with the name of the control", async (t) => {
  const strict = await gateOfSwarm(engine, "name: tight\nimages: [web]\nnoNewPrivileges: true\n");
  t.after(() => strict.close());
  const refused = await makeService(strict, "web:1");
  const other = await makeService(strict, "other:1");
  await removeService(engine, textAt(other.json, "ID"));
  assert.deepEqual([refused.status, other.status], [403, 201], other.text);
  assert.match(
    refused.text,
    /the tasks of a service cannot have its no-new-privileges \(needs API 1.44, this is 1.41\)/,
  );
});

inSwarm("a service does not go back to what it was before there were profiles", async (t) => {
  const made = await makeService(gate, "other:1");
  const service = textAt(made.json, "ID");
  t.after(() => removeService(engine, service));
  const { json } = await request(gate.socket, "GET", `/services/${service}`);
  const path = `/services/${service}/update?version=${String(at(json, "Version", "Index"))}&rollback=previous`;
  const body = { Name: at(json, "Spec", "Name"), TaskTemplate: { ContainerSpec: { Image: "other:1" } } };
  const refused = await request(gate.socket, "POST", path, { body });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /profiles are in force, and the engine would take up an earlier service/);
});
