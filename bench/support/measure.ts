// The measurements of the gate's benchmark. All contenders take turns within each round, so that what else the machine
// does hits them alike.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender, ContenderName } from "./contenders.ts";
import { type BenchConnection, openConnection, prepare } from "./http-client.ts";
import { median, percentile } from "./statistics.ts";

export type Workload = {
  readonly name: string;
  readonly request: Buffer;
  readonly expected: number;
  /** Nothing happens for so long before each request: the processor puts its caches to rest. */
  readonly restMs?: number;
  /** Takes back what one request made. */
  undo?(connection: BenchConnection, answer: string): Promise<void>;
};

export type Latency = { readonly p50: number; readonly p99: number; readonly rounds: readonly number[] };

/**
 * Milliseconds at concurrency 1. The contenders take turns with every single request: a create takes the engine milliseconds of
 * waiting for the disk, more or less from second to second, and what lies between two contenders is far less than that.
 * They do so in every order: what a request leaves behind (a container to be removed, events) falls on whoever comes next.
 * All connections stay open, and the first requests are not counted: everybody's code and caches are warm, as in a daemon's.
 * @returns for each contender, and the p50 of every round
 */
export async function measureLatency(
  contenders: readonly Contender[],
  workload: Workload,
  size: { readonly rounds: number; readonly requests: number; readonly warmUp: number },
): Promise<ReadonlyMap<ContenderName, Latency>> {
  const lanes = await Promise.all(contenders.map(openLane));
  const orderOf = inEveryOrder(lanes);
  for (let sent = 0; sent < size.warmUp; sent += 1) {
    for (const { connection } of orderOf(sent)) await timeRequest(connection, workload);
  }
  for (let round = 0; round < size.rounds; round += 1) {
    for (const { rounds } of lanes) rounds.push([]);
    for (let sent = 0; sent < size.requests; sent += 1) {
      for (const { connection, rounds } of orderOf(round * size.requests + sent)) {
        rounds.at(-1)?.push(await timeRequest(connection, workload));
      }
    }
  }
  for (const { connection } of lanes) connection.close();
  return new Map(lanes.map(({ name, rounds }) => [name, toLatency(rounds)]));
}

type Lane = { readonly name: ContenderName; readonly connection: BenchConnection; readonly rounds: number[][] };

async function openLane({ name, socket }: Contender): Promise<Lane> {
  return { name, connection: await openConnection(socket), rounds: [] };
}

async function timeRequest(connection: BenchConnection, workload: Workload): Promise<number> {
  if (workload.restMs !== undefined) await sleep(workload.restMs);
  const started = performance.now();
  const answer = await connection.ask(workload.request);
  const elapsed = performance.now() - started;
  if (answer.status !== workload.expected) throw new Error(`${workload.name}: ${answer.status} ${answer.text()}`);
  await workload.undo?.(connection, answer.text());
  return elapsed;
}

function toLatency(rounds: readonly (readonly number[])[]): Latency {
  const all = rounds.flat();
  return { p50: median(all), p99: percentile(all, 0.99), rounds: rounds.map(median) };
}

/** Requests a second with so many connections at once; the median of the rounds. */
export async function measureThroughput(
  contenders: readonly Contender[],
  workload: Workload,
  size: { readonly rounds: number; readonly concurrency: number; readonly requests: number },
): Promise<ReadonlyMap<ContenderName, number>> {
  const rates = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < size.rounds; round += 1) {
    for (const { name, socket } of rotated(contenders, round)) {
      rates.get(name)?.push(await requestRate(socket, workload, size.concurrency, size.requests));
    }
  }
  return new Map([...rates].map(([name, values]) => [name, median(values)]));
}

export async function requestRate(
  socket: string,
  { request }: Workload,
  concurrency: number,
  requests: number,
): Promise<number> {
  const connections = await Promise.all(Array.from({ length: concurrency }, () => openConnection(socket)));
  let left = requests;
  const started = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (left > 0) {
        left -= 1;
        await connection.ask(request);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection.close();
  return requests / seconds;
}

/** Seconds that curl takes, for each contender and round; in every order, as in `measureLatency`. */
export async function measureTransfer(
  contenders: readonly Contender[],
  words: readonly string[],
  rounds: number,
): Promise<ReadonlyMap<ContenderName, readonly number[]>> {
  const seconds = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
  const orderOf = inEveryOrder(contenders);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, socket } of orderOf(round)) seconds.get(name)?.push(await timeCurl(socket, words));
  }
  return seconds;
}

function timeCurl(socket: string, words: readonly string[]): Promise<number> {
  const started = performance.now();
  const output = words.includes("-o") ? [] : ["-o", "/dev/null"];
  const child = spawn("curl", ["-sS", "--fail", "--unix-socket", socket, ...output, ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => {
      if (code === 0) resolve((performance.now() - started) / 1000);
      else reject(new Error(`curl ${words.join(" ")}: exit status ${code}`));
    });
  });
}

/** Resident memory in MB after so many requests, and with so many open streams of logs. */
export async function measureMemory(
  contender: Contender,
  workload: Workload,
  logsTarget: string,
  size: { readonly requests: number; readonly streams: number },
): Promise<{ readonly afterRequests: number; readonly withStreams: number }> {
  await requestRate(contender.socket, workload, 32, size.requests);
  const afterRequests = await residentMegabytes(contender.pid);
  const streams = await Promise.all(
    Array.from({ length: size.streams }, () => openStream(contender.socket, logsTarget)),
  );
  await sleep(2000);
  const withStreams = await residentMegabytes(contender.pid);
  for (const stream of streams) stream.destroy();
  return { afterRequests, withStreams };
}

function openStream(path: string, target: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on("error", reject);
    socket.once("data", () => resolve(socket));
    socket.write(prepare("GET", target));
  });
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** @returns for each turn an order of the items: all of them come in time, and any few turns begin with different ones */
function inEveryOrder<Item>(items: readonly Item[]): (turn: number) => readonly Item[] {
  const orders = ordersOf(items);
  return (turn) => orders[(turn * orderStride) % orders.length] ?? items;
}

/** Has no divisor in common with the number of orders of two, three or four. */
const orderStride = 7;

/** All of them, each once. */
function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) => ordersOf(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
