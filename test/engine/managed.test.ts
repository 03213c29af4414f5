// The managed engine, for real: a dockerd in a network of its own.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { PlimsollError } from "../../src/base/errors.ts";
import { findEngine } from "../../src/engine/find.ts";
import { type ManagedEngine, startManagedEngine, stopManagedEngine } from "../../src/engine/managed.ts";
import { whyNoEngine } from "../support/engine.ts";
import { request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { at, listAt, textAt } from "../support/json.ts";
import { enterOwnNetwork } from "../support/own-network.ts";

const skip = whyNoEngine() ?? false;

before(() => {
  if (skip === false) enterOwnNetwork();
});

type Place = {
  readonly stateFolder: string;
  readonly runFolder: string;
  readonly said: string[];
  readonly log: (line: string) => void;
};

function place(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), "pl-"));
  const said: string[] = [];
  const folders = { stateFolder: join(folder, "state"), runFolder: join(folder, "run") };
  t.after(async () => {
    await stopManagedEngine(folders);
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...folders, said, log: (line) => said.push(line) };
}

async function startContainer(engine: ManagedEngine, settings: object = {}): Promise<string> {
  const { socket } = engine.description;
  await makeImage(socket);
  const body = { Image: "bb:1", Cmd: ["sleep", "1000"], StopSignal: "SIGKILL", ...settings };
  const id = textAt((await request(socket, "POST", "/containers/create", { body })).json, "Id");
  assert.equal((await request(socket, "POST", `/containers/${id}/start`)).status, 204);
  return id;
}

async function inspect(engine: ManagedEngine, id: string): Promise<unknown> {
  return (await request(engine.description.socket, "GET", `/containers/${id}/json`)).json;
}

/** Everything on the host that an engine could leave behind. */
function hostState(): object {
  const text = (program: string, ...args: readonly string[]) => execFileSync(program, [...args], { encoding: "utf8" });
  const rules = (program: string) =>
    text(program)
      .split("\n")
      .filter((line) => /^[-:]/.test(line) && !/^:[A-Z]+ ACCEPT/.test(line))
      .map((line) => line.replace(/ \[.*/, ""))
      .sort();
  return {
    links: text("ip", "-o", "link")
      .split("\n")
      .map((line) => line.split(":")[1]?.trim()),
    routing: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
    iptables: rules("iptables-save"),
  };
}

function leftovers(where: Place): object {
  const folders = [where.stateFolder, where.runFolder];
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => folders.some((folder) => line.includes(folder)));
  const processes = spawnSync("pgrep", ["-f", "-a", where.runFolder], { encoding: "utf8" }).stdout;
  return { mounts, processes, privateFolder: existsSync(join(where.runFolder, "engine")) };
}

const nothingLeft = { mounts: [], processes: "", privateFolder: false };

test("a managed engine is hardened, private, and leaves nothing behind", { skip }, async (t) => {
  execFileSync("iptables", ["-n", "-L"]); // makes the kernel's own tables, so that they are there before and after
  execFileSync("iptables", ["-t", "nat", "-n", "-L"]);
  const untouched = hostState();
  const where = place(t);
  const engine = await startManagedEngine(where);
  const { socket } = engine.description;
  const info = (await request(socket, "GET", "/info")).json;
  const id = await startContainer(engine, { HostConfig: { RestartPolicy: { Name: "always" } } });
  await request(socket, "POST", "/networks/create", { body: { Name: "made-by-a-client" } });
  const status = spawnSync(
    "nsenter",
    [
      "-t",
      String(at(await inspect(engine, id), "State", "Pid")),
      "-p",
      "-m",
      "grep",
      "-E",
      "NoNewPrivs|Seccomp:",
      "/proc/1/status",
    ],
    { encoding: "utf8" },
  ).stdout;
  assert.deepEqual(
    {
      kind: engine.description.kind,
      dataRoot: engine.description.dataRoot,
      folderMode: (statSync(join(where.runFolder, "engine")).mode & 0o777).toString(8),
      socketGroup: statSync(socket).gid,
      liveRestore: at(info, "LiveRestoreEnabled"),
      experimental: at(info, "ExperimentalBuild"),
      logging: at(await inspect(engine, id), "HostConfig", "LogConfig", "Config"),
      coreLimit: listAt(await inspect(engine, id), "HostConfig", "Ulimits").find(
        (limit) => at(limit, "Name") === "core",
      ),
      cgroupns: at(await inspect(engine, id), "HostConfig", "CgroupnsMode"),
      process: status.replaceAll("\t", " ").trim().split("\n"),
      bridge: at(await inspect(engine, id), "NetworkSettings", "Gateway"),
    },
    {
      kind: "docker",
      dataRoot: join(where.stateFolder, "engine/data"),
      folderMode: "700",
      socketGroup: 0,
      liveRestore: true,
      experimental: false,
      logging: { "max-file": "3", "max-size": "10m" },
      coreLimit: { Name: "core", Hard: 0, Soft: 0 },
      cgroupns: "private",
      process: ["NoNewPrivs: 1", "Seccomp: 2"],
      bridge: "172.30.0.1",
    },
  );
  await engine.stop();
  assert.deepEqual({ ...leftovers(where), host: hostState() }, { ...nothingLeft, host: untouched });

  const again = await startManagedEngine(where);
  await sleep(0);
  assert.equal(at(await inspect(again, id), "State", "Running"), true, "a restart policy outlives a stop");
  await again.stop();
});

test("an engine that dies is started again and its containers never notice", { skip }, async (t) => {
  const where = place(t);
  const engine = await startManagedEngine(where);
  const id = await startContainer(engine);
  const pid = at(await inspect(engine, id), "State", "Pid");
  const first = engine.pid;
  process.kill(first, "SIGKILL");
  while (engine.pid === first) await sleep(50);
  assert.deepEqual(
    {
      samePid: at(await inspect(engine, id), "State", "Pid") === pid,
      said: where.said.map((line) => line.replaceAll(/\d+/g, "N")),
    },
    {
      samePid: true,
      said: [
        "the engine (process N) stopped; its containers keep running; starting it again in N ms",
        "the engine runs again (process N)",
      ],
    },
  );
  await engine.stop();
  assert.deepEqual(leftovers(where), nothingLeft);
});

test("after a crash of plimsoll the next one takes the running engine over", { skip }, async (t) => {
  const where = place(t);
  const script = `import { startManagedEngine } from "${join(import.meta.dirname, "../../src/engine/managed.ts")}";
    const engine = await startManagedEngine({ stateFolder: "${where.stateFolder}", runFolder: "${where.runFolder}", log: console.log });
    process.stdout.write(String(engine.pid));
    process.kill(process.pid, "SIGKILL");`;
  const crashed = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  assert.equal(crashed.signal, "SIGKILL", crashed.stderr);
  const engine = await startManagedEngine(where);
  assert.deepEqual(
    { isAdopted: engine.isAdopted, pid: String(engine.pid), said: where.said },
    { isAdopted: true, pid: crashed.stdout, said: [] },
  );
  engine.release();
  assert.deepEqual({ stopped: await stopManagedEngine(where), ...leftovers(where) }, { stopped: true, ...nothingLeft });
  assert.equal(await stopManagedEngine(where), false);
});

test("an engine that cannot start says why, what to do, and leaves nothing half-started", { skip }, async (t) => {
  const untouched = hostState();
  const where = place(t);
  mkdirSync(join(where.stateFolder, "engine"), { recursive: true });
  writeFileSync(join(where.stateFolder, "engine/data"), "a file where the engine wants a folder");
  const failed = await startManagedEngine(where).catch((error: unknown) => error);
  assert.ok(failed instanceof PlimsollError, String(failed));
  assert.deepEqual(
    {
      code: failed.code,
      says: failed.message.split("\n").at(-1)?.replaceAll(where.stateFolder, "STATE"),
      hint: failed.hint,
      ...leftovers(where),
      host: hostState(),
    },
    {
      code: "ENGINE_START_FAILED",
      says: "  Unable to get the full path to root (STATE/engine/data): canonical path points to a file 'STATE/engine/data'",
      hint: `read the engine's log: ${where.stateFolder}/engine/engine.log`,
      ...nothingLeft,
      host: untouched,
    },
  );
});

test("without dockerd the remedy is one line to copy", { skip }, async (t) => {
  await assert.rejects(startManagedEngine({ ...place(t), program: "/nowhere/dockerd" }), {
    code: "NEED_MISSING",
    hint: "run: apt-get install --no-install-recommends docker.io iptables",
  });
});

test("beside another engine it keeps its hands off that engine's rules, and its containers reach one another", {
  skip,
}, async (t) => {
  const other = await startManagedEngine(place(t));
  await request(other.description.socket, "POST", "/networks/create", { body: { Name: "theirs" } });
  const alone = hostState();
  const where = place(t);
  const engine = await startManagedEngine(where);
  const { socket } = engine.description;
  await request(socket, "POST", "/networks/create", { body: { Name: "inner" } });
  const server = { Cmd: ["nc", "-l", "-p", "80", "-e", "echo", "reached"], Hostname: "server" };
  await startContainer(engine, {
    ...server,
    HostConfig: { NetworkMode: "inner" },
    NetworkingConfig: { EndpointsConfig: { inner: { Aliases: ["server"] } } },
  });
  const client = await startContainer(engine, {
    Cmd: ["nc", "-w", "5", "server", "80"],
    Tty: true,
    HostConfig: { NetworkMode: "inner" },
  });
  await request(socket, "POST", `/containers/${client}/wait`);
  const logs = (await request(socket, "GET", `/containers/${client}/logs?stdout=1&stderr=1`)).text;
  await engine.stop();
  assert.deepEqual(
    { logs: logs.trim(), said: where.said, host: hostState(), ...leftovers(where) },
    {
      logs: "reached",
      said: ["another engine rules this host's iptables: the managed engine's rules go to the chain PLIMSOLL"],
      host: alone,
      ...nothingLeft,
    },
  );
  await other.stop();
});

test("a container with NET_RAW does not reach a service on the host's loopback", { skip }, async (t) => {
  const engine = await startManagedEngine(place(t));
  const id = await startContainer(engine);
  const container = await inspect(engine, id);
  const pid = String(at(container, "State", "Pid"));
  const link = execFileSync("ip", ["-o", "link", "show", "dev", "plimsoll0"], { encoding: "utf8" });
  const mac = /link\/ether (\S+)/.exec(link)?.[1] ?? "";
  const probe = (target: string) =>
    spawnSync(
      "nsenter",
      [
        "-t",
        pid,
        "-n",
        "python3",
        join(import.meta.dirname, "loopback-probe.py"),
        textAt(container, "NetworkSettings", "IPAddress"),
        mac,
        target,
      ],
      { encoding: "utf8" },
    ).stdout.trim();
  assert.deepEqual(
    { gateway: probe(textAt(container, "NetworkSettings", "Gateway")), loopback: probe("127.0.0.1") },
    { gateway: "answer", loopback: "silence" },
  );
  await engine.stop();
});

test("an engine is found by DOCKER_HOST, and only unix sockets are taken", { skip }, async (t) => {
  const engine = await startManagedEngine(place(t));
  const found = await findEngine({ DOCKER_HOST: `unix://${engine.description.socket}` });
  assert.deepEqual(found, engine.description);
  const own = "/run/plimsoll-test/docker.sock";
  const notOwn = await findEngine({ DOCKER_HOST: `unix://${own}` }, [own]);
  assert.notEqual(notOwn?.socket, own, "a gate that is down is not an engine either");
  await assert.rejects(findEngine({ DOCKER_HOST: "tcp://127.0.0.1:2375" }), { code: "CONFIG_INVALID" });
  await assert.rejects(findEngine({ DOCKER_HOST: "ssh://root@host" }), { code: "CONFIG_INVALID" });
  await engine.stop();
  await assert.rejects(findEngine({ DOCKER_HOST: `unix://${engine.description.socket}` }), {
    code: "ENGINE_UNREACHABLE",
  });
});
