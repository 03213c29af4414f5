// Folders that an engine makes while it runs are no containers' business either: from the moment that they are there.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { Alert, ContainerProtection } from "../../src/model/watch.ts";
import { openEngineFolders } from "../../src/service/engine-folders.ts";
import { protectMore } from "../../src/service/protect-more.ts";
import { openWatchStore } from "../../src/store/watch-store.ts";
import { shippedRules } from "../../src/watch/rules/load-rules.ts";
import { openWatchService } from "../../src/watch/service/watch-service.ts";
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

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-engine-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("new folders are told once, layers and volumes never, and a data root that comes late counts", async (t) => {
  const dataRoot = join(folderOf(t), "root");
  const told: string[] = [];
  const folders = openEngineFolders([dataRoot, "/run/plimsoll"], (added) => told.push(...added));
  t.after(() => folders.close());
  const early = folders.paths();
  mkdirSync(join(dataRoot, "image"), { recursive: true });
  await eventually(
    () => told.length,
    (count) => count > 0,
  );
  for (const name of ["volumes", "overlay2", "io.containerd.snapshotter.v1.native", "swarm"])
    mkdirSync(join(dataRoot, name));
  await eventually(
    () => told.length,
    (count) => count > 1,
  );
  const late = folders.paths();
  rmSync(join(dataRoot, "image"), { recursive: true });
  const [image, swarm] = [join(dataRoot, "image"), join(dataRoot, "swarm")];
  assert.deepEqual(
    { early, told, late: late.toSorted() },
    { early: [dataRoot, "/run/plimsoll"], told: [image, swarm], late: [image, swarm, "/run/plimsoll"].toSorted() },
  );
});

test("a container that was there before is kept from a folder that the engine makes", { skip }, async (t) => {
  const [state, dataRoot] = [folderOf(t), folderOf(t)];
  for (const name of ["image", "volumes"]) mkdirSync(join(dataRoot, name));
  const store = openWatchStore(state);
  const alerts: Alert[] = [];
  const service = openWatchService({
    ...{ store, notice: () => undefined, nowMs: () => Date.now() },
    settings: {
      ...{ socketPath: join(state, "watch.sock"), engineSocket: engine.socket, engineHeaders: {} },
      ...{ ruleFiles: [shippedRules], withAllRules: false, unknown: protect({}), nameServers: [] },
      ...{ pinFolder: "", codeFolder: "", evidenceFolder: join(state, "evidence"), evidenceMaxBytes: 1 << 20 },
    },
  });
  service.alerts.onAlert((alert) => alerts.push(alert));
  const folders = openEngineFolders(
    [dataRoot],
    (added) => void protectMore(added, { service, store, tell: assert.fail }),
  );
  t.after(async () => {
    folders.close();
    await service.close();
    store.close();
  });
  await service.settled();
  const script =
    "touch /host/swarm-is-not-there; until test -d /host/swarm; do sleep 0.1; done; sleep 1; touch /host/swarm/x /host/volumes/y; sleep 60";
  const body = {
    Image: "bb:1",
    Cmd: ["sh", "-c", script],
    HostConfig: { NetworkMode: "none", Binds: [`${dataRoot}:/host`] },
  };
  const made = await request(engine.socket, "POST", "/containers/create", { body });
  const id = textAt(made.json, "Id");
  t.after(() => request(engine.socket, "DELETE", `/containers/${id}?force=1`));
  const container = { ...{ id, name: "web", engine: "docker", image: "" }, imageId: "", owner: "", labels: {} };
  const protection: ContainerProtection = { ...protect({ "host-paths": "detect" }), protectedPaths: folders.paths() };
  await service.protect(container, protection);
  await request(engine.socket, "POST", `/containers/${id}/start`);
  mkdirSync(join(dataRoot, "swarm"));
  await eventually(
    () => alerts.length,
    (count) => count > 0,
  );
  const paths = alerts.filter(({ protection: broken }) => broken === "host-paths").map(({ event }) => event.path);
  const kept = store.protectedContainers().map((entry) => entry.protection.protectedPaths);
  assert.deepEqual(
    [[...new Set(paths)], kept],
    [["/host/swarm/x"], [[join(dataRoot, "image"), join(dataRoot, "swarm")]]],
  );
});
