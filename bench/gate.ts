// What the gate costs: latency, throughput, bulk transfers and memory, beside the bare engine, HAProxy with a path filter
// and a plain splice. Usage: npm run bench:gate -- [--quick] [--json] [--write]
//   --quick  a tenth of the requests    --json  one object on standard output    --write  updates docs/benchmarks.md
//   --only=latency,throughput,transfers,memory  some of it

import { randomFillSync } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { startEngine, type TestEngine } from "../test/support/engine.ts";
import { makeImage } from "../test/support/images.ts";
import { type Contender, type ContenderName, startContenders } from "./support/contenders.ts";
import { openConnection, prepare } from "./support/http-client.ts";
import {
  type Latency,
  measureLatency,
  measureMemory,
  measureThroughput,
  measureTransfer,
  type Workload,
} from "./support/measure.ts";
import { isWanted, type Part, tellReport } from "./support/report.ts";
import { untilChildrenRest } from "./support/settle.ts";
import { type Bar, bar, median, table } from "./support/statistics.ts";

const flags = new Set(process.argv.slice(2));
const scale = flags.has("--quick") ? 0.1 : 1;
const megabytes = flags.has("--quick") ? 50 : 500;
const listed = 10;

const ping: Workload = { name: "_ping", request: prepare("GET", "/_ping"), expected: 200 };
const rested: Workload = { ...ping, name: "_ping after 10 ms", restMs: 10 };
const list: Workload = { name: "list", request: prepare("GET", "/v1.41/containers/json?all=1"), expected: 200 };
const createBody = { Image: "bb:1", Cmd: ["true"], HostConfig: { NetworkMode: "none", Memory: 64 * 2 ** 20 } };
const create: Workload = {
  name: "create",
  request: prepare("POST", "/v1.41/containers/create", createBody),
  expected: 201,
  async undo(connection, answer) {
    const id = /"Id":"([0-9a-f]{64})"/.exec(answer)?.[1] ?? "";
    await connection.ask(prepare("DELETE", `/v1.41/containers/${id}?force=1`));
  },
};

const engine = await startEngine();
const contenders = await startContenders(engine.socket).catch(async (error: unknown) => {
  await engine.close();
  throw error;
});
try {
  const gate = contenders.all.find(({ name }) => name === "gate");
  if (gate === undefined) throw new Error("no gate");
  const saved = await prepareEngine(engine, gate);
  const parts = {
    latency: () => latencies(contenders.all),
    throughput: () => throughput(contenders.all),
    transfers: () => transfers(contenders.all, saved),
    memory: () => memory(gate),
  };
  const results: Part[] = [];
  for (const [name, measure] of Object.entries(parts)) if (isWanted(name)) results.push(await measure());
  const about = `dockerd ${engine.version}, policy set baseline, audit on, all contenders in one run by turns.`;
  tellReport({ name: "gate", about, parts: results });
} finally {
  await contenders.close();
  await engine.close();
}

/** Everything is made through the gate, so that it belongs to who asks for it later. */
async function prepareEngine(into: TestEngine, gate: Contender): Promise<string> {
  const noise = randomFillSync(Buffer.allocUnsafe(megabytes * 1024 * 1024));
  tell("making images");
  await makeImage(gate.socket);
  await makeImage(gate.socket, { reference: "big:1", files: [{ name: "noise", data: noise }] });
  const connection = await openConnection(gate.socket);
  for (let made = 0; made < listed; made += 1) {
    const name = `listed-${made}`;
    await connection.ask(
      prepare("POST", `/v1.41/containers/create?name=${name}`, { ...createBody, Cmd: ["sleep", "3600"] }),
    );
  }
  await connection.ask(prepare("POST", "/v1.41/containers/listed-0/start"));
  connection.close();
  tell("waiting until the images have been read");
  await untilChildrenRest(gate.pid);
  const saved = join(into.folder, "big.tar");
  await measureTransfer(
    [{ name: "direct", socket: into.socket, pid: 0 }],
    ["-o", saved, "http://d/v1.41/images/big:1/get"],
    1,
  );
  const { size } = await stat(saved);
  if (size < megabytes * 1024 * 1024) throw new Error(`${saved}: ${size} bytes, expected ${megabytes} MB and more`);
  return saved;
}

async function latencies(all: readonly Contender[]): Promise<Part> {
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const [workload, requests, warmUp, limit] of [
    [ping, 400, 1000, 0.5],
    [list, 200, 1000, 0.5],
    [create, 40, 300, 0.5],
    [rested, 40, 40, undefined],
  ] as const) {
    tell(`latency of ${workload.name}`);
    const size = { rounds: 8, requests: Math.ceil(requests * scale), warmUp: Math.ceil(warmUp * scale) };
    const found = await measureLatency(all, workload, size);
    rows.push([workload.name, ...all.map(({ name }) => latencyText(found, name))]);
    if (limit === undefined) continue;
    bars.push(bar(`added p50 of ${workload.name} at concurrency 1`, added(found), "at-most", limit, "ms"));
  }
  return { text: table(["p50 / p99 in ms", ...all.map(({ name }) => name)], rows), bars };
}

/** The median over the rounds of what the gate took longer than the engine alone. */
function added(found: ReadonlyMap<ContenderName, Latency>): number {
  const direct = found.get("direct")?.rounds ?? [];
  return median((found.get("gate")?.rounds ?? []).map((value, at) => value - (direct[at] ?? Number.NaN)));
}

function latencyText(found: ReadonlyMap<ContenderName, Latency>, name: ContenderName): string {
  const latency = found.get(name);
  return `${latency?.p50.toFixed(3)} / ${latency?.p99.toFixed(2)}`;
}

async function throughput(all: readonly Contender[]): Promise<Part> {
  const rows: string[][] = [];
  const rates = new Map<string, ReadonlyMap<ContenderName, number>>();
  for (const workload of [ping, list]) {
    tell(`throughput of ${workload.name}`);
    const found = await measureThroughput(all, workload, {
      rounds: 4,
      concurrency: 32,
      requests: Math.ceil(6000 * scale),
    });
    rates.set(workload.name, found);
    rows.push([workload.name, ...all.map(({ name }) => (found.get(name) ?? 0).toFixed(0))]);
  }
  const found = rates.get("list");
  const ratio = (found?.get("gate") ?? 0) / (found?.get("haproxy") ?? Number.NaN);
  return {
    text: table(["requests/s at concurrency 32", ...all.map(({ name }) => name)], rows),
    bars: [bar("throughput of list at concurrency 32, relative to HAProxy", ratio, "at-least", 0.5, "x")],
  };
}

async function transfers(all: readonly Contender[], saved: string): Promise<Part> {
  const rows: string[][] = [];
  const bars: Bar[] = [];
  const load = [
    "-X",
    "POST",
    "-H",
    "Content-Type: application/x-tar",
    "-T",
    saved,
    "http://d/v1.41/images/load?quiet=1",
  ];
  for (const { name, words, rounds, limit } of [
    { name: "save", words: ["http://d/v1.41/images/big:1/get"], rounds: 12, limit: 1.1 },
    { name: "load, inspected", words: load, rounds: 24, limit: 1.15 },
  ]) {
    tell(`${name} of ${megabytes} MB`);
    const found = await measureTransfer(all, words, rounds);
    rows.push([
      `${name}, ${megabytes} MB`,
      ...all.map((contender) => median(found.get(contender.name) ?? []).toFixed(2)),
    ]);
    const direct = found.get("direct") ?? [];
    const ratios = (found.get("gate") ?? []).map((seconds, at) => seconds / (direct[at] ?? Number.NaN));
    bars.push(bar(`${name}, relative to the engine alone`, median(ratios), "at-most", limit, "x"));
  }
  return { text: table(["seconds", ...all.map(({ name }) => name)], rows), bars };
}

async function memory(gate: Contender): Promise<Part> {
  tell("memory");
  const size = { requests: Math.ceil(100_000 * scale), streams: Math.ceil(1000 * scale) };
  const logs = "/v1.41/containers/listed-0/logs?follow=1&stdout=1";
  const { afterRequests, withStreams } = await measureMemory(gate, list, logs, size);
  return {
    text: table(
      ["resident memory of the gate in MB", "value"],
      [
        [`after ${size.requests} requests`, afterRequests.toFixed(0)],
        [`and with ${size.streams} open log streams`, withStreams.toFixed(0)],
      ],
    ),
    bars: [bar("resident memory with all of them", withStreams, "at-most", 200, "MB")],
  };
}

function tell(what: string): void {
  process.stderr.write(`bench:gate: ${what} (${(performance.now() / 1000).toFixed(0)} s)\n`);
}
