// Profiles of services in front of Docker 28, whose services carry filters and no-new-privileges too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNoEngine } from "../support/engine.ts";
import { textAt } from "../support/json.ts";
import { startNewerEngine } from "../support/newer-engine.ts";
import { carriedByAll, gateOfSwarm, makeService, startSwarm, taskOf } from "../support/service-profiles.ts";

const profile = `${carriedByAll}
noNewPrivileges: true
seccomp:
  defaultAction: SCMP_ACT_ALLOW
  syscalls:
    - { names: [mkdir, mkdirat], action: SCMP_ACT_ERRNO }
`;

test("a task of a service has all that the profile wants, and an older version of the API is refused", {
  skip: whyNoEngine() ?? false,
}, async (t) => {
  const engine = await startNewerEngine("docker");
  if ("why" in engine) return t.skip(engine.why);
  t.after(() => engine.close());
  const swarm = await startSwarm(engine);
  if (swarm !== undefined) return t.skip(swarm);
  const gate = await gateOfSwarm(engine, profile);
  t.after(() => gate.close());
  const older = await makeService(gate, "web:1", {}, "/v1.43");
  assert.equal(older.status, 403);
  assert.match(older.text, /cannot have its no-new-privileges \(needs API 1\.44, this is 1\.43\), seccomp/);
  const made = await makeService(gate, "web:1", { Privileges: { Seccomp: { Mode: "unconfined" } } });
  assert.equal(made.status, 201, made.text);
  const { lines } = await taskOf(engine, textAt(made.json, "ID"));
  assert.deepEqual(lines, [
    ...["1000", "CapBnd:\t0000000000000400", "NoNewPrivs:\t1", "Seccomp:\t2", "refused", "written", "read-only"],
    " /tmp tmpfs rw,nosuid,nodev,noexec,relatime",
  ]);
});
