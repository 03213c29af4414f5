// A watch that was away tells what ran before, and what began and ended meanwhile, as far as that can be known.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { GapChanges } from "../../src/model/watch-store.ts";
import { openWatchStore, readWatchStore } from "../../src/store/watch-store.ts";
import { compareRuns, summarize } from "../../src/watch/gap/compare-runs.ts";
import { shippedRules } from "../../src/watch/rules/load-rules.ts";
import { openWatchService } from "../../src/watch/service/watch-service.ts";
import { run } from "../cli/program.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { textAt } from "../support/json.ts";
import { protect, whyNoSensor } from "../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSensor() ?? false;
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
});
after(() => engine?.close());

async function start(): Promise<string> {
  const body = { Image: "bb:1", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } };
  const id = textAt((await request(engine.socket, "POST", "/containers/create", { body })).json, "Id");
  await request(engine.socket, "POST", `/containers/${id}/start`);
  return id;
}

async function exec(id: string): Promise<void> {
  const made = await request(engine.socket, "POST", `/containers/${id}/exec`, { body: { Cmd: ["sleep", "999"] } });
  await request(engine.socket, "POST", `/exec/${textAt(made.json, "Id")}/start`, { body: { Detach: true } });
}

test("the record of a gap has who ran before, who began and ended, and what was started in those that went on", {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-gap-"));
  const store = openWatchStore(folder);
  const [stays, ends, again] = [await start(), await start(), await start()];
  // Other containers of this machine are nobody's business here.
  const own = new Set([stays, ends, again]);
  const service = openWatchService({
    ...{ store, notice: () => undefined, nowMs: () => Date.now() },
    settings: {
      ...{ socketPath: join(folder, "watch.sock"), engineSocket: engine.socket, engineHeaders: {} },
      ...{ ruleFiles: [shippedRules], withAllRules: false, unknown: protect({}), nameServers: [] },
      ...{ pinFolder: "", codeFolder: "", evidenceFolder: join(folder, "evidence"), evidenceMaxBytes: 1 << 20 },
    },
  });
  t.after(async () => {
    await service.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await service.settled();
  await sleep(1000);
  process.kill(await pidOf(join(folder, "watch.sock")), "SIGKILL");
  await eventually(
    () => service.state().kind,
    (kind) => kind === "gap",
  );
  await request(engine.socket, "POST", `/containers/${ends}/kill`);
  await request(engine.socket, "POST", `/containers/${again}/restart?t=0`);
  const begins = await start();
  own.add(begins);
  await exec(stays);
  const changes = await eventually(
    () => gapOf(folder),
    (found) => found !== undefined,
  );
  const mine = (ids: readonly string[] = []): readonly string[] => ids.filter((id) => own.has(id)).sort();
  const processes = changes?.processes.filter(({ containerId }) => own.has(containerId)) ?? [];
  assert.deepEqual(
    {
      ran: mine(changes?.ran),
      ended: mine(changes?.ended),
      began: mine(changes?.began.map(({ id }) => id)),
      restarted: mine(changes?.restarted.map(({ id }) => id)),
      processes: processes.map(({ containerId, path }) => `${containerId} ${path}`).sort(),
    },
    {
      ran: [stays, ends, again].sort(),
      ended: [ends],
      began: [begins],
      restarted: [again],
      processes: [again, begins, stays].map((id) => `${id} /bin/sleep`).sort(),
    },
  );
  writeFileSync(join(folder, "plimsoll.yaml"), `state: ${folder}\n`);
  const { stdout, stderr } = await run(["incident", "list", "--config", join(folder, "plimsoll.yaml")]);
  const lines = ["began", "ended", "started again"].map((what) => stdout.includes(`  ${what} meanwhile: `));
  assert.deepEqual([lines, stdout.includes("/bin/sleep")], [[true, true, true], true], stdout + stderr);
});

function gapOf(folder: string): GapChanges | undefined {
  const reader = readWatchStore(folder);
  try {
    return reader.gaps(1)[0]?.changes;
  } finally {
    reader.close();
  }
}

async function pidOf(socket: string): Promise<number> {
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const client = connect(socket, () => client.write('{"ask":"process"}\n'));
    client.once("data", (chunk) => resolve(Number(/"pid":(\d+)/.exec(String(chunk))?.[1])));
  });
}

test("what changed is said in one line", () => {
  const container = (id: string, startedAt: string) => ({ id, startedAt });
  const after = {
    containers: [
      container("a", "2026-01-01T00:00:00Z"),
      container("b", "2026-01-01T00:00:09Z"),
      container("c", "2026-01-01T00:00:09Z"),
    ],
    ...{ processes: [], processCount: 1 },
  };
  const changes = compareRuns(["a", "b", "d"], after, Date.parse("2026-01-01T00:00:05Z"));
  assert.deepEqual(
    [summarize(changes), changes.ended, changes.restarted.map(({ id }) => id)],
    ["1 container began, 1 ended, 1 started again, 1 process began", ["d"], ["b"]],
  );
});
