// Real containers of Podman, LXC and an engine inside a container: every program is told as that container's, on control groups of
// both versions. Those whose groups systemd makes are in systemd.test.ts.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerPlace, KernelEvent, Sensor } from "../../../src/model/watch.ts";
import { findHierarchy } from "../../../src/watch/containers/hierarchy.ts";
import { openSensor } from "../../../src/watch/open-sensor.ts";
import { removeCgroups, startEngine, whyNoEngine } from "../../support/engine.ts";
import { makeImage } from "../../support/images.ts";
import { prepareFolder, runLxc, runPodman, whyNoProgram } from "../../support/watch/other-engines.ts";
import { protect, WatchedEngine, whyNoSensor } from "../../support/watched.ts";

const skip = whyNoSensor();
const skipPodman = skip ?? whyNoProgram("/usr/bin/podman", "/usr/bin/crun", "/usr/sbin/runc") ?? false;
const skipLxc = skip ?? whyNoProgram("/usr/bin/lxc-execute") ?? false;
const programs = ["/bin/sh", "-c", "/bin/echo one; /bin/true two"];

/** crun takes no host of both versions; on version 2 it needs a right that only the guest gives. */
const podmans = [
  { says: "runc, both versions", runtime: "runc" },
  { says: "runc, version 2", runtime: "runc", cgroups: "2" },
  { says: "runc, version 1", runtime: "runc", cgroups: "1" },
  { says: "crun, version 1", runtime: "crun", cgroups: "1" },
] as const;

for (const { says, ...options } of podmans) {
  test(`Podman (${says}): programs are told as the container's`, { skip: skipPodman }, async (t) => {
    const watching = await openWatching(t, "cgroups" in options ? options.cgroups : undefined);
    const folder = await prepareFolder(t);
    const { output, exitCode } = await runPodman({ folder, ...options, command: programs });
    assert.deepEqual([exitCode, output], [0, "one\n"], output);
    const found = await watching.toldOf("podman");
    assert.deepEqual(
      { told: found.map(({ event }) => event.argv.at(-1)), ids: found.every(({ place }) => place.id.length === 64) },
      { told: ["/bin/echo one; /bin/true two", "one", "two"], ids: true },
    );
    assert.equal(new Set(found.map(({ place }) => place.id)).size, 1);
  });
}

test("Podman without root: programs are told, as of a group that a user named", { skip: skipPodman }, async (t) => {
  const watching = await openWatching(t);
  const folder = await prepareFolder(t);
  const user = { uid: 61_234, group: `plimsoll-user-${process.pid}` };
  t.after(async () => {
    // Podman leaves a process that holds the user's namespaces.
    writeFileSync(join(findHierarchy("2").folder, user.group, "cgroup.kill"), "1");
    await removeCgroups(user.group);
  });
  const { output } = await runPodman({ folder, cgroups: "2", runtime: "runc", user, command: programs });
  assert.match(output, /^one$/m);
  const found = await watching.toldOf("podman");
  assert.deepEqual(
    { told: found.map(({ event }) => event.argv.at(-1)), madeBy: new Set(found.map(({ place }) => place.madeBy)) },
    { told: ["/bin/echo one; /bin/true two", "one", "two"], madeBy: new Set([user.uid]) },
  );
});

for (const cgroups of [undefined, "1", "2"] as const) {
  const says = cgroups === undefined ? "both versions" : `version ${cgroups}`;
  test(`LXC (${says}): programs are told as the container's, by its name`, { skip: skipLxc }, async (t) => {
    const watching = await openWatching(t, cgroups);
    const folder = await prepareFolder(t);
    const name = `web-${process.pid}`;
    const { output, exitCode } = await runLxc({ folder, ...(cgroups ? { cgroups } : {}), name, command: programs });
    assert.deepEqual([exitCode, output], [0, "one\n"], output);
    const found = await watching.toldOf("lxc");
    assert.deepEqual(
      found.map(({ event, place }) => [place.id, event.path]),
      ["/bin/sh", "/bin/echo", "/bin/true"].map((path) => [name, path]),
    );
  });
}

test("an LXC container that was announced by its name is stopped like any other", { skip: skipLxc }, async (t) => {
  const watching = await openWatching(t);
  const folder = await prepareFolder(t);
  const name = `tight-${process.pid}`;
  // Its root is a folder: without layers nobody knows what was there before, so drift cannot be judged.
  watching.sensor.protect(name, protect({ escape: "block" }));
  const command = ["/bin/sh", "-c", "(exec unshare -m true); echo $?"];
  const { output } = await runLxc({ folder, name, command });
  assert.match(output, /^(?:137|1)$/m);
  const found = await watching.stoppedIn(name);
  assert.deepEqual(found, ["unshare"]);
});

/** The files of the host's engine, to read; control groups to make more of. */
const innerEngine = {
  CapAdd: ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "MKNOD", "DAC_READ_SEARCH"],
  SecurityOpt: ["seccomp=unconfined"],
  ...{ MaskedPaths: [], ReadonlyPaths: [], CgroupnsMode: "private" },
  Binds: ["/usr:/usr:ro", "/usr/lib:/lib:ro", "/usr/lib64:/lib64:ro", "/usr/sbin:/sbin:ro"],
  Tmpfs: { "/tmp": "exec", "/run": "exec" },
};
const innerScript = `export PATH=/usr/sbin:/usr/bin:/bin DOCKER_HOST=unix:///run/inner.sock
mount -o remount,rw /sys/fs/cgroup; mkdir -p /var/run /tmp/data /etc/docker
dockerd --host=$DOCKER_HOST --data-root=/tmp/data --exec-root=/run/inner --pidfile=/run/inner.pid --bridge=none \\
  --iptables=false --ip6tables=false --storage-driver=vfs >/tmp/log 2>&1 &
engine=$!
i=0; while [ $i -lt 240 ] && ! docker version >/dev/null 2>&1; do sleep 0.5; i=$((i+1)); done
tar -C / -c bin/busybox bin/sh bin/true | docker import - inner:1 >/dev/null
docker run --rm --network none inner:1 /bin/sh -c 'echo inside; /bin/true of-the-inner-one'
kill $engine; wait`;

test("what a container does that an engine inside a container made counts for the outer one", {
  skip: whyNoEngine() ?? skip ?? whyNoProgram("/usr/bin/docker") ?? false,
}, async (t) => {
  const engine = await startEngine({ cgroups: "2", startTimeoutMs: 120_000 });
  t.after(() => engine.close());
  await makeImage(engine.socket);
  const sensor = await openSensor();
  t.after(() => sensor.close({ keepEnforcing: false }));
  const watched = new WatchedEngine(engine.socket, sensor);
  const id = await watched.create({
    command: ["sh", "-c", innerScript],
    host: innerEngine,
    protection: protect({ drift: "detect" }),
  });
  await watched.start(id);
  const { output, events } = await watched.finish(id);
  const inner = events.filter(({ kind, argv }) => kind === "exec" && argv.at(-1) === "of-the-inner-one");
  assert.deepEqual(
    {
      output: output.includes("inside"),
      inner: inner.map(({ path }) => path),
      deeper: inner.map(({ cgroupId }) => cgroupId !== sensor.containerOf(cgroupId)?.topCgroupId),
    },
    { output: true, inner: ["/bin/true"], deeper: [true] },
  );
});

type Told = { readonly event: KernelEvent; readonly place: ContainerPlace };

type Watching = {
  readonly sensor: Sensor;
  /** Programs that were executed in containers of this engine. */
  readonly toldOf: (engine: string) => Promise<readonly Told[]>;
  /** Kinds of what the kernel did not let be. */
  readonly stoppedIn: (id: string) => Promise<readonly string[]>;
};

async function openWatching(t: TestContext, cgroups?: "1" | "2"): Promise<Watching> {
  const sensor = await openSensor({
    unknown: protect({ drift: "detect" }),
    ...(cgroups === "1" ? { hierarchy: "pids" as const } : {}),
  });
  t.after(() => sensor.close({ keepEnforcing: false }));
  const told: Told[] = [];
  sensor.onEvent((event) => {
    const place = sensor.containerOf(event.cgroupId);
    if (place !== undefined) told.push({ event, place });
  });
  return {
    sensor,
    async toldOf(engine) {
      await sleep(300);
      return told.filter(({ event, place }) => event.kind === "exec" && place.engine === engine);
    },
    async stoppedIn(id) {
      await sleep(300);
      return told
        .filter(({ event, place }) => place.id === id && event.verdict !== "seen")
        .map(({ event }) => event.kind);
    },
  };
}
