// The OCI runtime of an image, chosen by a profile and demanded by a policy, with runtimes that really start containers.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { demux, type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { listAt, textAt } from "../support/json.ts";
import { runtimeSettings, whyNoRuntime } from "../support/watch/runtimes.ts";

const skip = whyNoEngine() ?? whyNoRuntime("crun") ?? whyNoRuntime("runsc") ?? false;
let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine({ cgroups: "1", settings: runtimeSettings, startTimeoutMs: 120_000 });
  await makeImage(engine.socket, { reference: "web:1" });
  await makeImage(engine.socket, { reference: "foreign:1", files: [{ name: "foreign", data: "x" }] });
  await makeImage(engine.socket, { reference: "other:1", files: [{ name: "other", data: "x" }] });
  gate = await startGate(engine, {
    files: {
      "profiles/web.yaml": "name: web\nimages: [web]\nruntime: crun\n",
      "profiles/foreign.yaml": "name: foreign\nimages: [foreign]\nruntime: runsc\n",
      "own.cedar": `@id("block-everything")
@reason("everything is blocked here")
@remedy("none")
forbid (principal, action == Action::"container.watch", resource) when { context.level != "block" };
@id("runtime-of-web")
@reason("containers here run under crun or gVisor")
@remedy("ask for a profile for this image")
forbid (principal, action == Action::"container.create", resource)
unless { context.runtime == "crun" || context.runtime == "runsc" };
`,
    },
    policies: ["baseline", "$FOLDER/own.cedar"],
    configuration: { profiles: "$FOLDER/profiles", watch: { unknown: "off" } },
  });
});
after(async () => {
  await gate?.close();
  await engine?.close();
});

function create(image: string, host: object = {}): Promise<Reply> {
  const body = {
    Image: image,
    Cmd: ["sh", "-c", "id -u; uname -r; sleep 1000"],
    HostConfig: { NetworkMode: "none", ...host },
  };
  return request(gate.socket, "POST", "/containers/create", { body });
}

async function run(made: Reply): Promise<{ readonly output: string; readonly madeBy: readonly string[] }> {
  const id = textAt(made.json, "Id");
  const started = await request(gate.socket, "POST", `/containers/${id}/start`, { timeoutMs: 60_000 });
  assert.equal(started.status, 204, started.text);
  const output = await eventually(
    async () => demux((await request(gate.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`)).body),
    (text) => text.split("\n").length === 3,
  );
  // Each runtime keeps what it knows of a container in a file of its own.
  const traces = { runc: "runtime-runc/moby/ID/state.json", crun: "runtime-runc/moby/ID/status" };
  const madeBy = Object.entries(traces)
    .filter(([, path]) => existsSync(join(engine.folder, "exec", path.replace("ID", id))))
    .map(([name]) => name);
  await request(gate.socket, "DELETE", `/containers/${id}?force=1`);
  return { output, madeBy };
}

test("an image whose profile chooses crun is run by crun, without a grant", { skip }, async () => {
  const made = await create("web:1");
  assert.equal(made.status, 201, made.text);
  const { output, madeBy } = await run(made);
  assert.deepEqual(
    { madeBy, user: output.split("\n")[0], warnings: listAt(made.json, "Warnings") },
    { madeBy: ["crun"], user: "0", warnings: ["Plimsoll: runs under crun (profile web)"] },
  );
});

test("a caller cannot choose another runtime than the profile does", { skip }, async () => {
  const made = await create("web:1", { Runtime: "runsc" });
  const { madeBy } = await run(made);
  assert.deepEqual(madeBy, ["crun"]);
});

test("a policy can demand a runtime; whoever asks for one himself needs a grant", { skip }, async () => {
  const [plain, asked] = [await create("other:1"), await create("other:1", { Runtime: "crun" })];
  assert.deepEqual([plain.status, asked.status], [403, 403]);
  assert.match(plain.text, /containers here run under crun or gVisor/);
  assert.match(asked.text, /the runtime crun is not the engine's default/);
});

test("gVisor starts although everything is blocked: what would stop it is off, and everybody is told", {
  skip,
}, async () => {
  const made = await create("foreign:1");
  assert.equal(made.status, 201, made.text);
  const id = textAt(made.json, "Id");
  const { output } = await run(made);
  const record = (await gate.recorded()).find((each) => each.action === "container.watch" && each.resource.id === id);
  const blind = "the watch sees the sandbox, not the system calls inside it";
  const told = `under runsc the protections drift and escape are off: ${blind}`;
  assert.deepEqual(
    {
      kernel: output.split("\n")[1],
      warnings: listAt(made.json, "Warnings"),
      levels: record?.facts["levels"],
      reason: record?.reason.includes(told),
    },
    {
      // That of gVisor.
      kernel: "4.4.0",
      warnings: [`Plimsoll: runs under runsc (profile foreign); ${blind}`, `Plimsoll: ${told}`],
      levels: [
        ...["drift=off", "memory=block", "escape=off", "host-paths=block"],
        ...["network=block", "malware=block", "mining=block"],
      ],
      reason: true,
    },
  );
});
