// Alerts and what containers may do survive a restart; only so many of them are kept.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openWatchStore, readWatchStore } from "../../src/store/watch-store.ts";
import { aContainer, anAlert } from "../support/watch.ts";
import { protect } from "../support/watched.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "plimsoll-watch-store-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const id = (number: number): string => `01K${String(number).padStart(23, "0")}`;

test("incidents are listed newest first, with their alerts in order and what was done later", (t) => {
  const path = folder(t);
  const store = openWatchStore(path);
  store.addAlert(anAlert({ id: id(1), incident: id(100) }));
  store.addAlert(anAlert({ id: id(2), incident: id(200) }));
  store.addAlert(anAlert({ id: id(3), incident: id(100), message: "last" }));
  store.addResponses(id(1), ["quarantine: done"]);
  store.addGap({ from: "a", to: "b", reason: "c" });
  const reader = readWatchStore(path);
  const found = {
    incidents: reader.incidents(10).map((each) => [each.id, each.alerts, each.first.id, each.last.message]),
    alerts: reader.incident(id(100)).map((alert) => [alert.id, alert.responses]),
    several: new Set(reader.incident("01K000").map(({ incident }) => incident)).size,
    gaps: reader.gaps(5),
    mode: statSync(join(path, "watch.db")).mode & 0o777,
  };
  reader.close();
  store.close();
  assert.deepEqual(found, {
    incidents: [
      [id(100), 2, id(1), "last"],
      [id(200), 1, id(2), anAlert().message],
    ],
    alerts: [
      [id(1), ["quarantine: done"]],
      [id(3), []],
    ],
    several: 2,
    gaps: [{ from: "a", to: "b", reason: "c" }],
    mode: 0o600,
  });
});

test("the oldest alerts go when there are too many", (t) => {
  const path = folder(t);
  const store = openWatchStore(path, { alerts: 500 });
  for (let number = 1; number <= 2000; number++) store.addAlert(anAlert({ id: id(number), incident: id(9_000_000) }));
  store.close();
  const reader = readWatchStore(path);
  const kept = reader.incident(id(9_000_000));
  reader.close();
  assert.deepEqual([kept.length, kept[0]?.id], [500, id(1501)]);
});

test("what a container may do is known after a restart, until it is forgotten", (t) => {
  const path = folder(t);
  const first = openWatchStore(path);
  first.protect({ container: aContainer, protection: protect({ drift: "detect" }) });
  first.protect({ container: { ...aContainer, id: "2".repeat(64) }, protection: protect({}) });
  first.protect({ container: aContainer, protection: protect({ drift: "block" }) });
  first.close();
  const second = openWatchStore(path);
  const known = second
    .protectedContainers()
    .map(({ container, protection }) => [container.id, protection.levels.drift]);
  second.forget(aContainer.id);
  const left = second.protectedContainers().map(({ container }) => container.id);
  second.close();
  assert.deepEqual(
    [known, left],
    [
      [
        [aContainer.id, "block"],
        ["2".repeat(64), "off"],
      ],
      ["2".repeat(64)],
    ],
  );
});
