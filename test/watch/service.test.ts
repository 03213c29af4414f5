// The whole watch in front of a real engine and a real kernel: from an event to an alert, a response and a record.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { Alert, ContainerProtection, WatchedContainer } from "../../src/model/watch.ts";
import { openWatchStore, readWatchStore } from "../../src/store/watch-store.ts";
import { shippedRules } from "../../src/watch/rules/load-rules.ts";
import { openWatchService, type WatchService } from "../../src/watch/service/watch-service.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { protect } from "../support/watched.ts";

const skip = whyNoEngine();
let engine: TestEngine;

before(async () => {
  if (skip !== undefined) return;
  engine = await startEngine();
  await makeImage(engine.socket);
});
after(() => engine?.close());

type Scene = {
  readonly service: WatchService;
  readonly folder: string;
  readonly alerts: Alert[];
  readonly notices: string[];
  /** Creates a container, tells the watch of it, and starts it. @returns its id */
  run(command: readonly string[], protection: ContainerProtection): Promise<string>;
};

async function openScene(t: TestContext): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-watch-"));
  const store = openWatchStore(folder);
  const notices: string[] = [];
  const alerts: Alert[] = [];
  const service = openWatchService({
    store,
    notice: (text) => notices.push(text),
    nowMs: () => Date.now(),
    settings: {
      socketPath: join(folder, "watch.sock"),
      engineSocket: engine.socket,
      engineHeaders: {},
      ruleFiles: [shippedRules],
      withAllRules: false,
      unknown: protect({}),
      nameServers: [],
      ...{ pinFolder: "", codeFolder: "" },
      evidenceFolder: join(folder, "evidence"),
      evidenceMaxBytes: 16 << 20,
    },
  });
  service.alerts.onAlert((alert) => alerts.push(alert));
  t.after(async () => {
    await service.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const state = await service.settled();
  assert.equal(state.kind, "on", JSON.stringify(state));
  const run: Scene["run"] = async (command, protection) => {
    const body = { Image: "bb:1", Cmd: command, HostConfig: { NetworkMode: "none" } };
    const made = await request(engine.socket, "POST", "/containers/create", { body });
    const id = textAt(made.json, "Id");
    assert.equal(made.status, 201, made.text);
    t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
    await service.protect(container(id), protection);
    const started = await request(engine.socket, "POST", `/containers/${id}/start`);
    assert.equal(started.status, 204, started.text);
    return id;
  };
  return { service, folder, alerts, notices, run };
}

function container(id: string): WatchedContainer {
  return { id, name: "victim", engine: "docker", image: "bb:1", imageId: "", owner: "unix:bob", labels: {} };
}

test("a dropped program is told with its container, its process tree and its rule, and recorded", {
  skip,
}, async (t) => {
  const { alerts, folder, run } = await openScene(t);
  const id = await run(["sh", "-c", "cp /bin/busybox /x; /x true; sleep 1"], protect({ drift: "detect" }));
  await told(alerts);
  const [alert] = alerts;
  assert.deepEqual(
    {
      ...{ rule: alert?.rule, outcome: alert?.outcome, message: alert?.message, container: alert?.container },
      ancestors: alert?.ancestors.map(({ path }) => path),
    },
    {
      ...{ rule: "drop-and-execute-new-binary-in-container", outcome: "detected" },
      message: "/x true runs /x, which was not in the image",
      container: container(id),
      ancestors: ["/x", "/bin/sh"],
    },
  );
  const reader = readWatchStore(folder);
  t.after(() => reader.close());
  const [incident] = reader.incidents(10);
  assert.deepEqual([incident?.id, incident?.first.id], [alert?.incident, alert?.id]);
});

test("where the level is block, what the rule says is done to exactly that process", { skip }, async (t) => {
  const { alerts, run } = await openScene(t);
  const command = "(exec nc -lp 4444 -e /bin/sh); echo goes on; sleep 60";
  const id = await run(["sh", "-c", command], protect({ mining: "block" }));
  await told(alerts);
  const state = await request(engine.socket, "GET", `/containers/${id}/json`);
  const pid = alerts[0]?.event.process.pid;
  assert.deepEqual(
    [alerts[0]?.rule, alerts[0]?.outcome, alerts[0]?.responses, textAt(state.json, "State", "Status")],
    ["netcat-remote-code-execution-in-container", "killed", [`kill: killed process ${pid}`], "running"],
  );
});

test("the watch that was killed is back by itself, knows its containers, and says how long nobody looked", {
  skip,
}, async (t) => {
  const { service, alerts, folder, notices, run } = await openScene(t);
  await run(["sh", "-c", "cp /bin/busybox /x; while true; do /x true; sleep 1; done"], protect({ drift: "detect" }));
  await told(alerts);
  const pid = Number(/"pid":(\d+)/.exec(await ask(join(folder, "watch.sock"), "process"))?.[1]);
  process.kill(pid, "SIGKILL");
  await eventually(
    () => notices,
    (found) => found.some((notice) => notice.includes("it looks again")),
  );
  alerts.length = 0;
  await told(alerts);
  const reader = readWatchStore(folder);
  t.after(() => reader.close());
  assert.deepEqual(
    [alerts[0]?.rule, service.deaths(), reader.gaps(5).length, service.state().kind],
    ["drop-and-execute-new-binary-in-container", 1, 1, "on"],
  );
});

test("the process that watches keeps fourteen capabilities, gets no others, and hands none on", { skip }, async (t) => {
  const { folder } = await openScene(t);
  const pid = Number(/"pid":(\d+)/.exec(await ask(join(folder, "watch.sock"), "process"))?.[1]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bits = (name: string): number =>
    [...BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1]}`).toString(2)].filter(
      (bit) => bit === "1",
    ).length;
  assert.ok(bits("CapEff") <= 14 && bits("CapEff") > 0);
  assert.deepEqual(
    [bits("CapPrm"), bits("CapBnd"), bits("CapInh"), /NoNewPrivs:\t1/.test(status)],
    [bits("CapEff"), bits("CapEff"), 0, true],
  );
});

test("only its owner may look, and only by the words that are known", {
  skip,
}, async (t) => {
  const { folder } = await openScene(t);
  const socket = join(folder, "watch.sock");
  assert.deepEqual(
    {
      mode: (statSync(socket).mode & 0o777).toString(8),
      unknown: JSON.parse(await ask(socket, "protect")).kind,
      tiers: JSON.parse(await ask(socket, "tiers")).kind,
    },
    { mode: "600", unknown: "error", tiers: "tiers" },
  );
  assert.match(await say(socket, "x".repeat(5000)), /a question of more than 1024 bytes/);
});

async function told(alerts: readonly Alert[]): Promise<void> {
  await eventually(
    () => alerts.length,
    (count) => count > 0,
  );
}

async function ask(path: string, topic: string): Promise<string> {
  return await say(path, `${JSON.stringify({ ask: topic })}\n`);
}

/** The first line of the answer. */
function say(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      answer += chunk.toString("utf8");
      if (!answer.includes("\n")) return;
      socket.destroy();
      resolve(answer.split("\n")[0] ?? "");
    });
    socket.write(text);
  });
}
