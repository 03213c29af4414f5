// Containers whose groups a real systemd makes: of Docker and of Podman. Every program is told as its container's, and what was
// announced holds from the first one on, while nobody who prepares the container is hindered.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import type { KernelEvent, Sensor } from "../../../src/model/watch.ts";
import { findHierarchy } from "../../../src/watch/containers/hierarchy.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { whyNoEngine } from "../../support/engine.ts";
import { eventually } from "../../support/eventually.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { prepareFolder, runPodman, whyNoProgram } from "../../support/watch/other-engines.ts";
import {
  nobody,
  startDocker,
  startOfUser,
  startSystemd,
  type TestSystemd,
  whyNoSystemd,
} from "../../support/watch/systemd.ts";
import { pick, protect, WatchedEngine, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoEngine() ?? whyNoSystemd() ?? whyNoSensor() ?? false;
const skipPodman = skip || (whyNoProgram("/usr/bin/podman", "/usr/sbin/runc") ?? false);

type Docker = {
  readonly systemd: TestSystemd;
  readonly socket: string;
  readonly sensor: Sensor;
  readonly watched: WatchedEngine;
  readonly close: () => Promise<void>;
};

let docker: Docker;

before(async () => {
  if (skip === false) docker = await openDocker();
});

after(async () => {
  await docker?.close();
});

const parents = [
  { says: "its own slice", host: {}, slice: "/system.slice" },
  { says: "a slice", host: { CgroupParent: "plimsoll.slice" }, slice: "/plimsoll.slice" },
  {
    says: "a slice in a slice",
    host: { CgroupParent: "plimsoll-web.slice" },
    slice: "/plimsoll.slice/plimsoll-web.slice",
  },
];

for (const { says, host, slice } of parents) {
  test(`programs of a container of Docker with systemd, in ${says}, are told as its own; nothing stays`, {
    skip,
  }, async () => {
    const { systemd, watched, sensor } = docker;
    const command = ["sh", "-c", "/bin/echo one; /bin/true two"];
    const run = await watched.run({ command, host, protection: protect({ drift: "detect" }) });
    const cgroupPath = `${systemd.group}${slice}/docker-${run.id}.scope`;
    const units = await eventually(
      () => systemd.control("list-units", "--all", "--plain", "--no-legend", `docker-${run.id}.scope`),
      (said) => said === "",
    );
    assert.deepEqual(
      {
        output: run.output,
        kinds: run.events.map(({ kind }) => kind).filter((kind) => kind.startsWith("cgroup-")),
        programs: pick(run.events, "exec", "argv").map(({ argv }) => argv.at(-1)),
        places: placesOf(sensor, run.events).map((place) => ({ ...place, topCgroupId: 0 })),
        left: { units, group: existsSync(join(findHierarchy("2").folder, cgroupPath)) },
      },
      {
        output: "one\n",
        kinds: ["cgroup-made", "cgroup-gone"],
        programs: [command[2], "one", "two"],
        places: [{ id: run.id, engine: "docker", cgroupPath, topCgroupId: 0 }],
        left: { units: "", group: false },
      },
    );
  });
}

/** Enough that the kernel itself would let the container have namespaces. */
const host = { CapAdd: ["SYS_ADMIN"], SecurityOpt: ["seccomp=unconfined"] };
const tight = protect({ drift: "block", memory: "block", escape: "block", "host-paths": "block", network: "block" });
const attempt = ["sh", "-c", "(exec unshare -m true); echo $?"];
const isStopped = /^(?:137|1)(?:,|$)/;

const services = [
  { says: "as Debian ships it", lines: [] },
  { says: "with mounts of its own", lines: ["PrivateMounts=yes"] },
];

for (const { says, lines } of services) {
  test(`what was announced to an engine ${says} holds for the first program, and lets the container be prepared`, {
    skip,
  }, async (t) => {
    const { watched } = lines.length === 0 ? docker : await openDocker(lines, t);
    const kind = { host, protection: tight };
    const first = await watched.run({ ...kind, command: ["unshare", "-m", "true"] });
    const ordinary = await watched.run({ ...kind, command: ["sh", "-c", "/bin/echo in order"] });
    assert.match(String(first.exitCode), /^(?:137|1)$/);
    assert.deepEqual(
      [stopped(first.events), stopped(ordinary.events), ordinary.output, ordinary.exitCode],
      [["unshare"], [], "in order\n", 0],
    );
  });
}

test("a container that is started again has another group and is the same container", { skip }, async () => {
  const { socket, watched, sensor } = docker;
  const id = await watched.create({ command: ["sleep", "600"], host, protection: tight });
  await watched.start(id);
  await request(socket, "POST", `/containers/${id}/restart?t=0`);
  const said = await watched.exec(id, attempt);
  await watched.kill(id);
  const { events } = await watched.finish(id);
  const places = placesOf(sensor, events);
  assert.match(said, isStopped);
  assert.deepEqual(
    {
      stopped: stopped(events),
      places: places.map((place) => [place.id, place.engine, place.cgroupPath === places[0]?.cgroupPath]),
      programs: pick(events, "exec", "argv").map(({ argv }) => argv.at(-1)),
    },
    {
      stopped: ["unshare"],
      places: [
        [id, "docker", true],
        [id, "docker", true],
      ],
      programs: ["600", "600", attempt[2], "true"],
    },
  );
});

test("a container outlives a restart of its engine and of systemd as what it was, also for a watch that starts later", {
  skip,
}, async (t) => {
  const { systemd, socket, watched, sensor } = docker;
  const id = await watched.create({ command: ["sleep", "600"], host, protection: tight });
  await watched.start(id);
  for (const words of [["restart", "docker.service"], ["daemon-reload"], ["daemon-reexec"]]) {
    await systemd.control(...words);
  }
  const said = await watched.exec(id, attempt);
  sensor.forget(id);
  const later = await openSensor();
  t.after(() => later.close({ keepEnforcing: false }));
  const second = new WatchedEngine(socket, later);
  const seen = later.sees(id);
  later.protect(id, tight);
  const saidLater = await second.exec(id, attempt);
  await watched.kill(id);
  const { events } = await second.finish(id);
  assert.match(said, isStopped);
  assert.match(saidLater, isStopped);
  assert.deepEqual(
    {
      seen,
      first: [stopped(watched.eventsOf(id)), placesOf(sensor, watched.eventsOf(id)).length],
      second: [stopped(events), placesOf(later, events)],
    },
    { seen: true, first: [["unshare"], 1], second: [["unshare"], placesOf(sensor, watched.eventsOf(id))] },
  );
});

test("the end of a container that systemd stops is told as that container's", { skip }, async () => {
  const { systemd, watched } = docker;
  const id = await watched.create({ command: ["sleep", "600"], protection: protect({ drift: "detect" }) });
  await watched.start(id);
  await systemd.control("kill", "--signal=KILL", `docker-${id}.scope`);
  const { events, exitCode } = await watched.finish(id);
  assert.deepEqual([exitCode, events.map(({ kind }) => kind)], [137, ["cgroup-made", "exec", "exit", "cgroup-gone"]]);
});

test("a scope that a user's own systemd names like an announced container gets nothing of it", { skip }, async (t) => {
  const { systemd, sensor } = docker;
  const id = `${"a1".repeat(30)}${process.pid.toString(16).padStart(4, "0").slice(-4)}`;
  sensor.protect(id, protect({ drift: "detect" }));
  t.after(() => sensor.forget(id));
  const found: KernelEvent[] = [];
  sensor.onEvent((event) => {
    if (sensor.containerOf(event.cgroupId)?.id === id) found.push(event);
  });
  const stop = await startOfUser(systemd, [
    "systemd-run",
    "--user",
    "--scope",
    `--unit=docker-${id}`,
    "/bin/busybox",
    "true",
  ]);
  t.after(stop);
  await eventually(
    () => found.length,
    (count) => count >= 2,
  );
  const cgroupPath = `${systemd.group}/system.slice/user.service/app.slice/docker-${id}.scope`;
  assert.deepEqual(
    found.map(({ kind, cgroupId }) => [kind, { ...sensor.containerOf(cgroupId), topCgroupId: 0 }]),
    ["cgroup-made", "cgroup-gone"].map((kind) => [
      kind,
      { id, engine: "docker", madeBy: nobody, cgroupPath, topCgroupId: 0 },
    ]),
  );
});

const podmans = [
  { says: "a scope", within: [], more: [], place: "/machine.slice/libpod-ID.scope" },
  {
    says: "a unit that holds it and its monitor",
    within: ["systemd-run", "--scope", "--quiet", "--unit=plimsoll-web", "-p", "Delegate=yes"],
    more: ["--cgroups=split"],
    place: "/system.slice/plimsoll-web.scope/libpod-payload-ID",
  },
];

for (const { says, within, more, place } of podmans) {
  test(`programs of a container of Podman with systemd, in ${says}, are told as its own`, {
    skip: skipPodman,
  }, async (t) => {
    const { systemd } = docker;
    const sensor = await openSensor({ unknown: protect({ drift: "detect" }) });
    t.after(() => sensor.close({ keepEnforcing: false }));
    const told: (readonly string[])[] = [];
    sensor.onEvent(({ kind, argv, cgroupId }) => {
      const found = sensor.containerOf(cgroupId);
      if (!found?.cgroupPath.startsWith(`${systemd.group}/`) || kind === "exit" || kind === "fork") return;
      const path = found.cgroupPath.slice(systemd.group.length).replace(found.id, "ID");
      told.push([kind, argv.at(-1) ?? "", found.engine, path]);
    });
    const folder = await prepareFolder(t);
    const command = ["/bin/sh", "-c", "/bin/echo one; /bin/true two"];
    const words = [...systemd.within, ...within];
    const { output, exitCode } = await runPodman({ folder, runtime: "runc", systemd: words, more, command });
    await eventually(
      () => told.at(-1)?.[0],
      (kind) => kind === "cgroup-gone",
    );
    assert.deepEqual([exitCode, output], [0, "one\n"], output);
    // The group of its monitor, conmon, would be another one of the same id.
    assert.deepEqual(
      told,
      [
        ["cgroup-made", ""],
        ["exec", command[2] ?? ""],
        ["exec", "one"],
        ["exec", "two"],
        ["cgroup-gone", ""],
      ].map((event) => [...event, "podman", place]),
    );
  });
}

async function openDocker(service: readonly string[] = [], t?: TestContext): Promise<Docker> {
  const systemd = await startSystemd();
  let sensor: Sensor | undefined;
  const close = async (): Promise<void> => {
    await sensor?.close({ keepEnforcing: false });
    await systemd.close();
  };
  t?.after(close);
  try {
    const socket = await startDocker(systemd, service);
    await makeImage(socket);
    sensor = await openSensor();
    return { systemd, socket, sensor, watched: new WatchedEngine(socket, sensor), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Each group once. */
function placesOf(sensor: Sensor, events: readonly KernelEvent[]) {
  const ids = [...new Set(events.map(({ cgroupId }) => cgroupId))];
  return ids.flatMap((cgroupId) => sensor.containerOf(cgroupId) ?? []);
}

/** Kinds of what the kernel did not let be. */
function stopped(events: readonly KernelEvent[]): readonly string[] {
  return events.filter(({ verdict }) => verdict !== "seen").map(({ kind }) => kind);
}
