// Played in the guest: the machine is what the tests of the watch expect.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { test } from "node:test";
import { startPatientEngine } from "../support/guest/patient-engine.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";

test("a container starts under AppArmor, on a kernel that has BPF LSM", async (t) => {
  const engine = await startPatientEngine();
  t.after(() => engine.close());
  await makeImage(engine.socket);
  const made = await request(engine.socket, "POST", "/containers/create", {
    body: { Image: "bb:1", Cmd: ["cat", "/proc/self/attr/current"] },
  });
  const id = textAt(made.json, "Id");
  await request(engine.socket, "POST", `/containers/${id}/start`);
  await request(engine.socket, "POST", `/containers/${id}/wait`);
  const logs = await request(engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  const modules = readFileSync("/sys/kernel/security/lsm", "utf8").split(",");
  assert.deepEqual(
    { kernel: release().slice(0, 4), isBpf: modules.includes("bpf"), profile: logs.text.slice(8).trim() },
    { kernel: "6.1.", isBpf: true, profile: "docker-default (enforce)" },
  );
});
