// Ways around an allow-list, each played for real with nobody limiting it, told of, and blocked. docs/network.md has this table.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerProtection, NetworkPermit, ProtectionLevel } from "../../../src/model/watch.ts";
import { eventually } from "../../support/eventually.ts";
import { demux, request } from "../../support/http.ts";
import { textAt } from "../../support/json.ts";
import { testerImage } from "../../support/testers.ts";
import { protect } from "../../support/watched.ts";
import { watchedNetwork } from "../../support/watched-network.ts";

const ECONNABORTED = 103;
const network = watchedNetwork();
const { skip, alerts } = network;

type Outcome = "works" | "told" | "refused" | "killed" | "unheard";
type Row = {
  readonly act: string;
  readonly says: string;
  /** With nobody limiting, at detect, at block. `unheard`: it fails without an error, its packets are dropped. */
  readonly ends: readonly [Outcome, Outcome, Outcome];
  readonly host?: Readonly<Record<string, unknown>>;
};

/** Everybody may be reached at .7 and nobody at .8. */
const rows: readonly Row[] = [
  { act: "connect 203.0.113.8 443", says: "a connection", ends: ["works", "told", "refused"] },
  { act: "connect ::ffff:203.0.113.8 443", says: "IPv4 as IPv6", ends: ["works", "told", "refused"] },
  { act: "connect 2001:db8:f::8 443", says: "IPv6", ends: ["works", "told", "refused"] },
  { act: "connect 64:ff9b::cb00:7108 443", says: "IPv4 by NAT64", ends: ["works", "told", "refused"] },
  { act: "send-udp 203.0.113.8 9999", says: "a datagram without connect", ends: ["works", "told", "refused"] },
  { act: "reconnect 203.0.113.7 443 203.0.113.8 443", says: "a second connect", ends: ["works", "told", "refused"] },
  { act: "fast-open 203.0.113.8 443", says: "TCP Fast Open", ends: ["works", "told", "refused"] },
  { act: "ping-datagram 203.0.113.8", says: "ICMP echo (a tunnel)", ends: ["works", "told", "refused"] },
  { act: "ping-raw 203.0.113.8", says: "ICMP by a raw socket", ends: ["works", "told", "refused"] },
  { act: "udp-raw 203.0.113.8 9999", says: "a datagram by a raw socket", ends: ["works", "told", "refused"] },
  { act: "mptcp 203.0.113.8 443", says: "multipath TCP", ends: ["works", "told", "refused"] },
  {
    ...{ act: "io-uring-polled-connect 203.0.113.8 443", says: "a connection by a thread of the kernel (SQPOLL)" },
    ...{ ends: ["works", "told", "refused"], host: { SecurityOpt: ["seccomp=unconfined"] } },
  },
  {
    ...{ act: "transparent 203.0.113.8 9999", says: "from an address that is not its own" },
    ...{ ends: ["works", "told", "refused"], host: { CapAdd: ["NET_ADMIN"] } },
  },
  { act: "frame", says: "a frame by a packet socket", ends: ["works", "told", "killed"] },
];

for (const { act, says, ends, host } of rows) {
  test(`${says}: ${ends.join(", ")} (${act})`, { skip }, async () => {
    const found: Outcome[] = [];
    for (const level of ["off", "detect", "block"] as const) found.push(await play(act, level, host));
    assert.deepEqual(found, ends);
  });
}

async function play(act: string, level: ProtectionLevel, host: Row["host"]): Promise<Outcome> {
  const from = alerts.length;
  const script = `/testers/tester act ${act}`;
  const said = await network.run(script, limited(level, [{ to: "203.0.113.7/32", port: 0 }]), {
    image: testerImage,
    ...(host === undefined ? {} : { host }),
  });
  const report = reportIn(said);
  await sleep(300);
  const told = alerts.slice(from).filter(({ event }) => event.protection === "network");
  if (report.ok) return told.length > 0 ? "told" : "works";
  assert.ok(told.length > 0, `nobody told of ${act}: ${said}`);
  if (/killed by signal/.test(report.detail)) return "killed";
  return report.errno === 1 ? "refused" : "unheard";
}

function limited(level: ProtectionLevel, list: readonly NetworkPermit[]): ContainerProtection {
  return { ...protect({ network: level }), connect: list, bind: [{ to: "0.0.0.0/0", port: 8080 }] };
}

function reportIn(said: string): { readonly ok: boolean; readonly errno: number; readonly detail: string } {
  const line: unknown = JSON.parse(said.split("\n").find((text) => text.startsWith("{")) ?? "{}");
  return { ok: false, errno: 0, detail: said, ...(line instanceof Object ? line : {}) };
}

for (const [act, says] of [
  ["listen-unbound", "a port that nobody bound"],
  ["listen-any-port", "a port that the kernel chose"],
] as const) {
  test(`${says} is told when it opens, and nobody gets through to it where the level is block`, { skip }, async () => {
    const found: unknown[] = [];
    for (const level of ["off", "detect", "block"] as const) {
      const from = alerts.length;
      const id = await network.start(`/testers/tester act ${act}`, limited(level, []), { image: testerImage });
      const port = await portOf(id);
      const address = await addressOf(id);
      const isConnected = (await reaches(address, port)) || (await reaches(address, port));
      await request(network.engine().socket, "POST", `/containers/${id}/wait`);
      await network.remove(id);
      await sleep(300);
      const told = alerts.slice(from).filter(({ event }) => event.protection === "network");
      found.push([isConnected, [...new Set(told.map(({ event, outcome }) => `${event.kind} ${outcome}`))].sort()]);
    }
    assert.deepEqual(found, [
      [true, []],
      [true, ["bind detected", "listen detected"]],
      [false, ["bind denied", "listen detected"]],
    ]);
  });
}

test("a list that gets narrower: datagrams of an open socket stop, and a stream that is open is cut", {
  skip,
}, async () => {
  const ends: unknown[] = [];
  for (const type of ["datagram", "stream"]) {
    const wide = limited("block", [{ to: "203.0.113.0/24", port: 0 }]);
    const script = `/testers/tester act keep-open ${type} 203.0.113.8 443 4`;
    const id = await network.start(script, wide, { image: testerImage });
    await sleep(1500);
    const container = { ...{ id, name: "web", engine: "docker", image: "" }, imageId: "", owner: "", labels: {} };
    await network.service().protect(container, limited("block", []));
    await request(network.engine().socket, "POST", `/containers/${id}/wait`);
    const { ok, errno } = reportIn(await logsOf(id));
    await network.remove(id);
    ends.push([type, ok, errno]);
  }
  assert.deepEqual(ends, [
    ["datagram", false, 1],
    ["stream", false, ECONNABORTED],
  ]);
});

async function logsOf(id: string): Promise<string> {
  const logs = await request(network.engine().socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  return demux(logs.body);
}

async function portOf(id: string): Promise<number> {
  const said = await eventually(
    () => logsOf(id),
    (text) => /port \d+/.test(text),
  );
  return Number(/port (\d+)/.exec(said)?.[1]);
}

async function addressOf(id: string): Promise<string> {
  const found = await request(network.engine().socket, "GET", `/containers/${id}/json`);
  return textAt(found.json, "NetworkSettings", "IPAddress");
}

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (isConnected: boolean): void => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
