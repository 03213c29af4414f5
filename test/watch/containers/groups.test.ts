// Containers of other engines and drivers, by the groups that they make, in the kernel itself: a real process in a real
// group. The engines themselves are not needed for that: the kernel knows only the names.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { KernelEvent, Sensor } from "../../../src/model/watch.ts";
import { findHierarchy, type V1Controller } from "../../../src/watch/containers/hierarchy.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { eventually } from "../../support/eventually.ts";
import { protect, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoSensor() ?? false;
const run = promisify(execFile);
const id = (digit: string): string => digit.repeat(60) + process.pid.toString(16).padStart(4, "0").slice(-4);

const shapes: readonly {
  readonly says: string;
  readonly folders: readonly string[];
  readonly id: string;
  readonly engine: string;
}[] = [
  { says: "Docker with groups of its own", folders: ["docker-own", id("a")], id: id("a"), engine: "docker" },
  { says: "Docker with systemd", folders: ["system.slice", `docker-${id("b")}.scope`], id: id("b"), engine: "docker" },
  {
    says: "Podman with systemd",
    folders: ["machine.slice", `libpod-${id("c")}.scope`, "container"],
    id: id("c"),
    engine: "podman",
  },
  {
    says: "Podman with groups of its own",
    folders: ["libpod_parent", `libpod-${id("d")}`],
    id: id("d"),
    engine: "podman",
  },
  { says: "LXC", folders: ["lxc.payload.web"], id: "web", engine: "lxc" },
  {
    says: "an engine inside a container: the outer one counts",
    folders: [id("e"), "docker", id("f")],
    id: id("e"),
    engine: "docker",
  },
];

for (const { says, folders, id: container, engine } of shapes) {
  test(`what runs in a group of ${says} is told as that container's`, { skip }, async (t) => {
    const { sensor, events } = await openWatching(t);
    sensor.protect(container, protect({ drift: "detect" }));
    const group = makeGroups(t, findHierarchy("2").folder, folders);
    await runIn(group);
    const exec = events.find((event) => event.kind === "exec");
    const place = sensor.containerOf(exec?.cgroupId ?? 0);
    assert.deepEqual([place?.id, place?.engine], [container, engine]);
  });
}

test("a group with a container's name that a plain user made gets nothing of that container's", { skip }, async (t) => {
  const { sensor, events } = await openWatching(t);
  sensor.protect(id("9"), protect({ drift: "detect" }));
  const parent = makeGroups(t, findHierarchy("2").folder, ["user.slice-of-test"]);
  execFileSync("chown", ["-R", "65534", parent]);
  execFileSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "mkdir", join(parent, id("9"))]);
  t.after(() => rmdirSync(join(parent, id("9"))));
  await runIn(join(parent, id("9")));
  // Unknown containers are not watched in this test: a claim to be a known one would be told.
  assert.deepEqual(
    events.filter((event) => event.kind === "exec"),
    [],
  );
});

test("containers that were there before are found, and can be protected later", { skip }, async (t) => {
  const group = makeGroups(t, findHierarchy("2").folder, ["before", id("7")]);
  const { sensor, events } = await openWatching(t);
  // Other tests have containers on this machine meanwhile.
  const own = () => events.filter(({ cgroupId }) => sensor.containerOf(cgroupId)?.id === id("7"));
  await runIn(group);
  const unwatched = own().length;
  sensor.protect(id("7"), protect({ drift: "detect" }));
  await runIn(group);
  assert.deepEqual([unwatched, own().some((event) => event.kind === "exec")], [0, true]);
});

test("who is put into a group and runs a program before the kernel has told of it prepares the container", {
  skip,
}, async (t) => {
  const group = makeGroups(t, findHierarchy("2").folder, ["before", id("4")]);
  const ended = await putBeforehand(t, group);
  const { sensor, events } = await openWatching(t);
  sensor.protect(id("4"), protect({ escape: "block", drift: "block" }));
  const status = await ended();
  const kinds = await eventually(
    () => events.map(({ kind }) => kind),
    ({ length }) => length > 1,
  );
  assert.deepEqual([status, kinds], ["0", ["exec", "exit"]]);
});

test("on version 1 alone, containers are told apart by a controller's hierarchy", {
  skip: skip || whyNoController(),
}, async (t) => {
  const hierarchy = findHierarchy("pids");
  const { sensor, events } = await openWatching(t, "pids");
  sensor.protect(id("8"), protect({ drift: "detect" }));
  const group = makeGroups(t, hierarchy.folder, ["docker-v1", id("8")]);
  await runIn(group);
  const exec = events.find((event) => event.kind === "exec");
  assert.equal(sensor.containerOf(exec?.cgroupId ?? 0)?.id, id("8"));
});

test("on version 1, where groups can be renamed, a renamed one stays the container it was", {
  skip: skip || whyNoController(),
}, async (t) => {
  const { sensor, events } = await openWatching(t, "pids");
  const [name, other] = [id("5"), id("6")];
  sensor.protect(name, protect({ drift: "detect" }));
  const group = makeGroups(t, findHierarchy("pids").folder, ["docker-v1", name]);
  const renamed = join(dirname(group), other);
  renameSync(group, renamed);
  t.after(() => rmdirSync(renamed));
  await runIn(renamed);
  const exec = events.find((event) => event.kind === "exec");
  assert.equal(sensor.containerOf(exec?.cgroupId ?? 0)?.id, name);
});

async function openWatching(
  t: TestContext,
  hierarchy: "2" | V1Controller = "2",
): Promise<{ readonly sensor: Sensor; readonly events: readonly KernelEvent[] }> {
  const sensor = await openSensor({ hierarchy });
  t.after(() => sensor.close({ keepEnforcing: false }));
  const events: KernelEvent[] = [];
  sensor.onEvent((event) => {
    if (event.kind !== "cgroup-made" && event.kind !== "cgroup-gone") events.push(event);
  });
  return { sensor, events };
}

/** @returns the innermost */
function makeGroups(t: TestContext, root: string, folders: readonly string[]): string {
  const paths = folders.map((_, depth) => join(root, ...folders.slice(0, depth + 1)));
  for (const path of paths) mkdirSync(path, { recursive: true });
  t.after(() => {
    for (const path of paths.toReversed()) {
      try {
        rmdirSync(path);
      } catch {
        // shared with others of this machine
      }
    }
  });
  return paths.at(-1) ?? root;
}

/** A process that somebody outside puts into the group, as runtimes do, and that then runs a program of its own mounts. */
async function runIn(group: string): Promise<void> {
  const script = `unshare --mount sh -c 'read go; exec /bin/busybox true' < "$1.pipe" & echo $! > "$0"; sleep 0.1; echo go > "$1.pipe"; wait`;
  const pipe = `/tmp/plimsoll-groups-${process.pid}-${Math.random().toString(36).slice(2)}`;
  await run("mkfifo", [`${pipe}.pipe`]);
  await run("sh", ["-c", script, join(group, "cgroup.procs"), pipe]);
  await run("rm", [`${pipe}.pipe`]);
  await sleep(150);
}

/**
 * A process that is in the group before anybody watches; its maker, outside, has the same mounts, which are not the host's.
 * @returns lets it make mounts of its own, as a runtime does before it runs the container's program; then how that ended
 */
async function putBeforehand(t: TestContext, group: string): Promise<() => Promise<string>> {
  const pipe = `/tmp/plimsoll-put-${process.pid}`;
  await run("mkfifo", [pipe]);
  t.after(() => rmSync(pipe));
  const script = `sh -c 'read go; exec unshare --mount true' < "$1" & echo $! > "$0/cgroup.procs"; wait $!; echo $?`;
  const ended = run("unshare", ["--mount", "sh", "-c", script, group, pipe]);
  await eventually(
    () => readFileSync(join(group, "cgroup.procs"), "utf8"),
    (found) => found !== "",
  );
  return async () => {
    writeFileSync(pipe, "go\n");
    return (await ended).stdout.trim();
  };
}

function whyNoController(): string | false {
  try {
    return findHierarchy("pids").version === 1 ? false : "needs a version 1 hierarchy";
  } catch {
    return "needs a version 1 hierarchy";
  }
}
