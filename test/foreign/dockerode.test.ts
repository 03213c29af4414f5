// A foreign suite: dockerode's own tests, from a clone of its repository, because its packages have none. The same pass
// through the gate as at the engine once the caller holds the grants that they need; without these, it stops just those.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { test } from "node:test";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { type Context, gateForUser } from "../support/foreign-gate.ts";
import { request } from "../support/http.ts";
import { mirrored, startHubMirror } from "../support/hub-mirror.ts";
import { at, listAt, textAt } from "../support/json.ts";

const clone = process.env["PLIMSOLL_DOCKERODE"] ?? "";
const noClone = "PLIMSOLL_DOCKERODE names no clone of dockerode: docs/clients.md tells how to get its tests";
const mocha = resolve(clone, "node_modules/mocha/bin/mocha.js");
const skip = clone === "" ? noClone : (whyNoEngine() ?? false);

/** `file title` of a test -> `passed`, or what was wrong. */
type Outcomes = ReadonlyMap<string, string>;
type Door = (t: Context, engine: TestEngine) => Promise<string>;

const atEngine: Door = async (_, engine) => engine.socket;
const ordinary: Door = (t, engine) => gateForUser(t, engine, { grants: [] });
const granted: Door = (t, engine) =>
  gateForUser(t, engine, {
    grants: ["build.unrestricted", "engine.swarm", "engine.plugins", "engine.checkpoints"],
    listener: { unknownFields: "drop" },
  });

/** What stops an ordinary caller at a strict listener: what it lacks -> tests that need it. */
const refused: Readonly<Record<string, RegExp>> = {
  // The second test of these builds from an image that is not there yet, whose build triggers are not known.
  "build.unrestricted": /^buildkit_test\.js .* integration | should build image with buildKit/,
  "engine.swarm": /^swarm\.js /,
  "engine.plugins": /^plugin\.js /,
  "engine.checkpoints": /^container\.js .* #checkpoints /,
  // `Dns` beside `HostConfig`, `Mountpoint` of a volume: the API has them elsewhere, or not at all.
  "unknownFields: drop":
    /^container\.js #container #(?:stdin|attach) | #createVolume should create and remove a volume$/,
};

test("dockerode's own tests pass through the gate when they pass at the engine, and only then", { skip }, async (t) => {
  assert.ok(existsSync(mocha), `there is no ${mocha}: run npm install in the clone`);
  const [first, second] = [await outcomes(atEngine), await outcomes(granted)];
  const direct = await settled(first, atEngine, different(first, second));
  const gated = await settled(second, granted, different(first, second));
  const third = await outcomes(ordinary);
  const plain = await settled(third, ordinary, unexplained(direct, third));
  t.diagnostic(`at the engine: ${tell(direct)}`);
  t.diagnostic(`with grants: ${tell(gated)}`);
  t.diagnostic(`without: ${passing(plain).length} pass; ${lacks(different(direct, plain))}`);
  assert.deepEqual(
    { gated: different(direct, gated), plain: unexplained(direct, plain), enough: passing(direct).length >= 100 },
    { gated: [], plain: [], enough: true },
  );
});

/** A test that lost a race gets a second chance: its whole file runs again. */
async function settled(first: Outcomes, door: Door, names: readonly string[]): Promise<Outcomes> {
  if (names.length === 0) return first;
  const files = new Set(names.map((name) => name.slice(0, name.indexOf(" "))));
  const again = await outcomes(door, [...files]);
  return new Map([...first, ...[...again].filter(([, outcome]) => outcome === "passed")]);
}

function passing(found: Outcomes): readonly string[] {
  return [...found].flatMap(([name, outcome]) => (outcome === "passed" ? name : []));
}

function different(one: Outcomes, other: Outcomes): readonly string[] {
  const names = [...new Set([...passing(one), ...passing(other)])];
  return names.filter((name) => one.get(name) !== other.get(name)).sort();
}

function unexplained(direct: Outcomes, plain: Outcomes): readonly string[] {
  return different(direct, plain).filter((name) => !Object.values(refused).some((test) => test.test(name)));
}

function lacks(names: readonly string[]): string {
  const counts = Object.entries(refused).map(
    ([what, test]) => `${what} ${names.filter((name) => test.test(name)).length}`,
  );
  return `not for want of ${counts.join(", ")}`;
}

/** How many pass, and what was wrong with the others. */
function tell(found: Outcomes): string {
  const others = [...found].filter(([, outcome]) => outcome !== "passed");
  return `${passing(found).length} pass${others.map(([name, outcome]) => `\n  not ${name}: ${outcome}`).join("")}`;
}

/** @param files only these of the suite */
async function outcomes(door: Door, files: readonly string[] = []): Promise<Outcomes> {
  const ends: (() => Promise<void>)[] = [];
  const scene: Context = { after: (work) => void ends.unshift(work) };
  try {
    const engine = await startEngine({ network: true, settings: { ...mirrored, experimental: true } });
    scene.after(engine.close);
    addUplink(engine);
    await startHubMirror(scene, engine);
    const socket = await door(scene, engine);
    const pulled = await request(socket, "POST", "/images/create?fromImage=ubuntu&tag=latest", { timeoutMs: 60_000 });
    assert.match(pulled.text, /Downloaded newer image/);
    const report = resolve(engine.folder, "mocha.json");
    await runMocha(socket, report, files);
    return read(JSON.parse(await readFile(report, "utf8")));
  } finally {
    for (const end of ends) await end();
  }
}

/** A swarm tells its address by itself only where there is one besides the engine's own bridges. */
function addUplink(engine: TestEngine): void {
  const [program = "", ...inside] = engine.inNetwork();
  const ip = (...words: readonly string[]): Buffer => execFileSync(program, [...inside, "ip", ...words]);
  ip("link", "add", "uplink", "type", "veth", "peer", "name", "far-end");
  ip("address", "add", "192.0.2.1/24", "dev", "uplink");
  ip("link", "set", "uplink", "up");
}

async function runMocha(socket: string, report: string, files: readonly string[]): Promise<void> {
  // The tests make a container's terminal as large as their own.
  const terminal = "data:text/javascript,Object.assign(process.stdout, { rows: 24, columns: 80 })";
  const options = ["--exit", "--reporter", "json", "--reporter-option", `output=${report}`];
  const specs = files.map((file) => `test/${file}`);
  const child = spawn(process.execPath, ["--import", terminal, mocha, ...options, ...specs], {
    cwd: clone,
    stdio: ["ignore", "ignore", "inherit"],
    // Some versions of the suite take a socket named in DOCKER_SOCKET for none, and read DOCKER_HOST then.
    env: { PATH: process.env["PATH"], DOCKER_SOCKET: socket, DOCKER_HOST: `unix://${socket}` },
  });
  await once(child, "close");
}

function read(report: unknown): Outcomes {
  const name = (outcome: unknown): string => `${basename(textAt(outcome, "file"))} ${textAt(outcome, "fullTitle")}`;
  const passed = listAt(report, "passes").map((outcome) => [name(outcome), "passed"] as const);
  const failed = listAt(report, "failures").map(
    (outcome) => [name(outcome), String(at(outcome, "err", "message"))] as const,
  );
  return new Map([...passed, ...failed]);
}
