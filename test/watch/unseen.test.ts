// A container that the kernel tells nothing of is told by that: real gVisor on a host with control groups of both versions.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openWatchStore } from "../../src/store/watch-store.ts";
import { shippedRules } from "../../src/watch/rules/load-rules.ts";
import { openWatchService } from "../../src/watch/service/watch-service.ts";
import { createUnseenContainers } from "../../src/watch/unseen-containers.ts";
import { startEngine, whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { runtimeSettings, whyNoRuntime } from "../support/watch/runtimes.ts";
import { protect } from "../support/watched.ts";

const why = "its runtime made no control group that the watch looks at, so nothing of it is told or stopped";

test("who runs and is not seen is told once, and only when it is so twice", async () => {
  const notices: string[] = [];
  let running: readonly object[] = [{ Id: "a", Names: ["/web\n"] }, { Id: "b".repeat(64) }, { Id: "seen" }];
  const unseen = createUnseenContainers({
    list: async () => running,
    sees: (id) => id === "seen",
    notice: (text) => notices.push(text),
  });
  await unseen.look();
  const first = notices.length;
  running = [{ Id: "a", Names: ["/web\n"] }, { Id: "c" }, { Id: "seen" }, {}];
  for (let round = 0; round < 3; round++) await unseen.look();
  assert.deepEqual(
    [first, notices],
    [0, ["container web\\u{a}", "container c"].map((name) => `${name} runs unseen: ${why} (docs/runtimes.md)`)],
  );
});

test("a container under a runtime that makes no group of version 2 is told as unseen, another one is not", {
  skip: whyNoEngine() ?? whyNoRuntime("runsc") ?? false,
}, async (t) => {
  const engine = await startEngine({ settings: runtimeSettings });
  t.after(() => engine.close());
  await makeImage(engine.socket);
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-watch-"));
  const store = openWatchStore(folder);
  const notices: string[] = [];
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
  t.after(async () => {
    await service.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await service.settled();
  for (const [name, Runtime] of [
    ["hidden", "runsc"],
    ["plain", "runc"],
  ]) {
    const body = { Image: "bb:1", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none", Runtime } };
    const made = await request(engine.socket, "POST", `/containers/create?name=${name}`, { body });
    const id = textAt(made.json, "Id");
    const started = await request(engine.socket, "POST", `/containers/${id}/start`, { timeoutMs: 60_000 });
    assert.equal(started.status, 204, started.text);
  }
  for (let tries = 0; tries < 600 && !notices.some((text) => text.includes("unseen")); tries++) await sleep(100);
  assert.deepEqual(
    notices.filter((text) => text.includes("unseen")),
    [`watch: container hidden runs unseen: ${why} (docs/runtimes.md)`],
  );
});
