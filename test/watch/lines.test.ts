// Lines for people: no name breaks, colours or hides anything, and colours are for terminals alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIncident } from "../../src/cli/incident/show-incident.ts";
import { openTerminal, type Terminal } from "../../src/cli/terminal.ts";
import { formatAlert, formatEvent } from "../../src/cli/watch/alert-line.ts";
import { draw } from "../../src/cli/watch/run-top.ts";
import { describe } from "../../src/cli/watch/tiers.ts";
import { toEcs } from "../../src/watch/alerts/ecs.ts";
import { toOcsf } from "../../src/watch/alerts/ocsf.ts";
import { aContainer, anAlert, anEvent, hostileName } from "../support/watch.ts";

const plain: Terminal = openTerminal({ write: () => undefined }, {});
const colored: Terminal = openTerminal({ isTTY: true, columns: 80, write: () => undefined }, {});

const hostile = anAlert({
  rule: hostileName,
  message: hostileName,
  container: {
    ...aContainer,
    name: hostileName,
    image: hostileName,
    owner: hostileName,
    labels: { [hostileName]: hostileName },
  },
  event: anEvent({ path: hostileName, argv: [hostileName], address: hostileName }),
  ancestors: [{ pid: 1, path: hostileName, argv: [hostileName] }],
  responses: [hostileName],
});

/** Lines, and whether any holds what only we may write. */
function shape(text: string): readonly [lines: number, hasControl: boolean, longest: number] {
  const lines = text.trimEnd().split("\n");
  return [lines.length, /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u.test(text), Math.max(...lines.map((line) => line.length))];
}

test("an alert is three lines, however hostile its names are", () => {
  const [lines, hasControl, longest] = shape(formatAlert(hostile, plain));
  assert.deepEqual([lines, hasControl, longest < 6000], [3, false, true]);
});

test("an event is one line, an incident as many as it has parts", () => {
  const told = { event: hostile.event, container: hostile.container, parent: hostileName };
  assert.deepEqual(shape(formatEvent(told, plain)).slice(0, 2), [1, false]);
  const [lines, hasControl] = shape(formatIncident([hostile, hostile], plain));
  assert.deepEqual([lines, hasControl], [7 + 2 + 1 + 2 + 2 + 2 + 2, false]);
});

test("colours are for terminals alone", () => {
  assert.equal(formatAlert(anAlert(), plain).includes("\u001b"), false);
  assert.equal(formatAlert(anAlert(), colored).includes("\u001b[31m"), true);
});

test("an ordinary alert reads like this", () => {
  const text = formatAlert(anAlert({ outcome: "killed", responses: ["kill: killed process 20"] }), plain);
  assert.equal(
    text.replace(/^\d\d:\d\d:\d\d/, "10:00:00"),
    `10:00:00  web                 KILLED    reverse-shell                       sh takes its commands from the network
          nginx 10 > sh -i 20
          kill: killed process 20
`,
  );
});

test("watch top tells rates, and a loss in words", () => {
  const counters = { received: 10, dropped: 3, byKind: {}, heldBack: 1, processes: 5, memoryBytes: 2 ** 20 };
  const row = {
    id: "1".repeat(64),
    name: hostileName,
    image: "web:1",
    processes: 1,
    files: 5,
    connections: 0,
    other: 0,
    alerts: 2,
  };
  const at = (events: number) => ({ kind: "activity" as const, counters, containers: [{ ...row, events }] });
  const text = draw(at(110), at(10), plain);
  assert.deepEqual(shape(text).slice(0, 2), [4, false]);
  assert.match(text, / 100 +0 +0 +0 +0 +2\n\nsensor: 10 events, 3 LOST, 1 alerts held back/);
});

test("watch tiers says block only where it is block", () => {
  const text = describe(
    {
      kind: "tiers",
      tiers: [{ tier: "lsm", works: false, reason: "EPERM\n", remedy: "boot with lsm=bpf" }],
      protections: [{ protection: "drift", best: "detect", by: [], reason: "no tier stops it" }],
    },
    plain,
  );
  assert.match(text, /^drift +detect +- +no tier stops it$/m);
  assert.match(text, /^lsm +no +EPERM\\u\{a\} +boot with lsm=bpf$/m);
});

test("ECS and OCSF carry the whole alert under their own names", () => {
  const ecs = toEcs(anAlert());
  const ocsf = toOcsf(anAlert({ outcome: "denied" }));
  assert.deepEqual(
    {
      ecs: [
        ecs["event.kind"],
        ecs["event.category"],
        ecs["rule.name"],
        ecs["process.parent.executable"],
        ecs["container.id"],
        ecs["threat.technique.id"],
      ],
      ocsf: [ocsf["class_uid"], ocsf["type_uid"], ocsf["severity_id"], ocsf["disposition_id"], ocsf["is_alert"]],
    },
    {
      ecs: ["alert", ["process"], "reverse-shell", "/usr/sbin/nginx", aContainer.id, ["T1059.004"]],
      ocsf: [2004, 200401, 5, 2, true],
    },
  );
});
