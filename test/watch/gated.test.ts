// The watch behind the gate: `plimsoll up` in front of a real engine, from a create to an incident that is shown.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { openWatchStore } from "../../src/store/watch-store.ts";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { demux, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";

const skip = whyNoEngine();
let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== undefined) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  gate = await startGate(engine, {
    configuration: { watch: { unknown: "off" }, metrics: { listen: "127.0.0.1:0" } },
    files: {
      "own.cedar": `@id("kiosk")
@reason("it shows pages")
@remedy("none")
@connect("10.0.0.0/8:443 *.debian.org")
forbid (principal, action == Action::"container.watch", resource)
when { context.labels.contains("role=kiosk") && context.protection == "mining" && context.level != "block" };
`,
    },
    policies: ["baseline", "$FOLDER/own.cedar"],
  });
});
after(async () => {
  await gate?.close();
  await engine?.close();
});

async function start(
  name: string,
  command: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = { Image: "bb:1", Cmd: command, Labels: labels, HostConfig: { NetworkMode: "none" } };
  const made = await request(gate.socket, "POST", `/containers/create?name=${name}`, { body });
  assert.equal(made.status, 201, made.text);
  const id = textAt(made.json, "Id");
  const started = await request(gate.socket, "POST", `/containers/${id}/start`);
  assert.equal(started.status, 204, started.text);
  return id;
}

const config = (): readonly string[] => ["--config", `${gate.folder}/plimsoll.yaml`];

test("what a container does is told in plimsoll incident, with who it belongs to", { skip }, async (t) => {
  const id = await start("web", ["sh", "-c", "cp /bin/busybox /x; /x true; sleep 60"]);
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const listed = await eventually(
    () => run(["incident", "list", ...config()]),
    ({ stdout }) => stdout.includes("/x true"),
  );
  assert.match(
    listed.stdout,
    /^([0-9A-Z]{26}) {2}\S+Z {2}web {2}detected {2}1 alert {2}\/x true runs \/x, which was not in the image$/m,
  );
  const [incident = ""] = listed.stdout.split(" ");
  const shown = await run(["incident", "show", incident, ...config()]);
  assert.match(shown.stdout, /container +web [0-9a-f]{12}\n/);
  assert.match(shown.stdout, /owner +unix:root\n/);
  assert.match(
    shown.stdout,
    /└─ sh -c cp .* \d+\n {5}└─ \/x true \d+ {2}<- drop-and-execute-new-binary-in-container\n/,
  );
});

test("the levels of a container are recorded with the rules that raised them", { skip }, async (t) => {
  const id = await start("kiosk", ["sleep", "60"], { role: "kiosk" });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const record = (await gate.recorded()).find(({ action }) => action === "container.watch");
  const ofKiosk = (await gate.recorded()).find((each) => each.action === "container.watch" && each.resource.id === id);
  assert.notEqual(record, undefined);
  assert.deepEqual(
    [ofKiosk?.resource.name, ofKiosk?.facts["levels"], ofKiosk?.rules.map((rule) => rule.id)],
    [
      "kiosk",
      [
        "drift=detect",
        "memory=block",
        "escape=detect",
        "host-paths=detect",
        "network=detect",
        "malware=detect",
        "mining=block",
      ],
      ["baseline/watch-everything", "baseline/watch-blocks-memory", "own/kiosk"],
    ],
  );
});

test("policies that are read anew hold for containers that run already", { skip }, async (t) => {
  const script = "while true; do busybox nc 127.0.0.1 7 2>&1; sleep 0.2; done";
  const id = await start("reloaded", ["sh", "-c", script], { role: "late" });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const file = `${gate.folder}/own.cedar`;
  const before = readFileSync(file, "utf8");
  t.after(() => writeFileSync(file, before));
  const said = async (): Promise<string> => {
    const logs = await request(engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1&tail=2`);
    return demux(logs.body);
  };
  const free = await eventually(said, (text) => text.includes("refused"));
  const late = `@id("late")
@reason("it goes nowhere")
@remedy("none")
@connect("10.0.0.0/8")
forbid (principal, action == Action::"container.watch", resource)
when { context.labels.contains("role=late") && context.protection == "network" && context.level != "block" };
`;
  writeFileSync(file, `${before}${late}`);
  const reloaded = await run(["reload", ...config()]);
  assert.equal(reloaded.code, 0, reloaded.stderr);
  const refused = await eventually(said, (text) => text.includes("not permitted"));
  assert.match(free, /Connection refused/);
  assert.match(refused, /Operation not permitted/, await gate.log());
  assert.match(await gate.log(), /watch: 1 containers may do something else now/);
});

test("what a container may do is forgotten when it is removed, not when it is stopped", { skip }, async () => {
  const id = await start("gone", ["sleep", "60"]);
  const known = async (): Promise<boolean> => {
    const store = openWatchStore(`${gate.folder}/state`);
    const ids = store.protectedContainers().map(({ container }) => container.id);
    store.close();
    return ids.includes(id);
  };
  await request(engine.socket, "POST", `/containers/${id}/kill`);
  const stopped = await known();
  await request(engine.socket, "DELETE", `/containers/${id}?force=1`);
  const removed = await eventually(known, (isKnown) => !isKnown);
  assert.deepEqual([stopped, removed], [true, false]);
});

test("plimsoll policy explain says which rule raised which level", { skip }, async (t) => {
  const id = await start("explained", ["sleep", "60"]);
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const record = (await gate.recorded()).find((each) => each.action === "container.watch" && each.resource.id === id);
  const { stdout } = await run(["policy", "explain", record?.id ?? "", "--policies", "baseline", ...config()]);
  assert.match(
    stdout,
    /^deny {2}container\.watch on explained with memory at most at detect by unix:root\n(?: .*\n)*? .*baseline\/watch-blocks-memory/m,
  );
  assert.match(stdout, /^allow {2}container\.watch on explained with drift at most at detect by unix:root$/m);
});

test("where mining is blocked, a miner ends before it has begun", { skip }, async (t) => {
  const command = "sleep 1; (exec cat -o stratum+tcp://pool.example:3333); echo goes on; sleep 60";
  const id = await start("miner", ["sh", "-c", command], { role: "kiosk" });
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const listed = await eventually(
    () => run(["incident", "list", "--json", ...config()]),
    ({ stdout }) => stdout.includes("stratum"),
  );
  const line = listed.stdout.split("\n").find((each) => each.includes("stratum")) ?? "{}";
  const { last } = JSON.parse(line);
  assert.deepEqual(
    [last.rule, last.outcome, last.container.labels.role],
    ["detect-crypto-miners-using-the-stratum-protocol", "killed", "kiosk"],
  );
});

test("where somebody has to watch and nobody does, no container is made", { skip }, async (t) => {
  const strict = await startGate(engine, { configuration: { watch: { enabled: "no", required: true } } });
  t.after(() => strict.close());
  const made = await request(strict.socket, "POST", "/containers/create?name=unseen", { body: { Image: "bb:1" } });
  const there = await request(engine.socket, "GET", "/containers/unseen/json");
  assert.deepEqual([made.status, there.status], [503, 404]);
  assert.match(made.text, /nobody watches containers: it is switched off/);
});

test("rules can be checked, tested and listed without a watch", async () => {
  const [tested, listed, checked] = [
    await run(["watch", "rules", "test", "--all"]),
    await run(["watch", "rules", "list", "--json", "--all"]),
    await run(["watch", "rules", "check"]),
  ];
  assert.match(tested.stdout, /^\d+ passed, 0 failed\n$/);
  assert.match(checked.stdout, /^\d+ rules, no mistakes\n$/);
  assert.deepEqual([tested.code, checked.code, listed.stdout.split("\n").length - 1 >= 80], [0, 0, true]);
});

test("plimsoll watch tiers and status say what this host can do", { skip }, async () => {
  const tiers = await run(["watch", "tiers", ...config()]);
  const status = await run(["status", ...config()]);
  assert.match(tiers.stdout, /^PROTECTION +BEST HERE +BY +WHY\n/);
  assert.match(status.stdout, /watch +on, \d+ rules\n/);
});
