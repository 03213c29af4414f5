// Where a container may connect to and what it may bind, decided by the kernel when it is about to happen.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerProtection, NetworkPermit } from "../../../src/model/watch.ts";
import { protect } from "../../support/watched.ts";
import { watchedSuite } from "../../support/watched-suite.ts";

const suite = watchedSuite();
const { skip } = suite;
const EPERM = 1;

type Case = {
  readonly says: string;
  readonly act: readonly string[];
  readonly connect?: readonly NetworkPermit[];
  readonly bind?: readonly NetworkPermit[];
  readonly told: readonly [kind: string, address: string, port: number, verdict: string] | undefined;
};

const cases: readonly Case[] = [
  { says: "any address, when there is no list", act: ["connect"], told: undefined },
  {
    says: "no address, when the list is empty",
    act: ["connect"],
    connect: [],
    told: ["connect", "127.0.0.9", 4444, "denied"],
  },
  { says: "an address of the list", act: ["connect"], connect: [{ to: "127.0.0.9", port: 4444 }], told: undefined },
  {
    says: "an address of a net in the list",
    act: ["connect"],
    connect: [{ to: "127.0.0.0/8", port: 0 }],
    told: undefined,
  },
  {
    says: "another port than that of the list",
    act: ["connect"],
    connect: [{ to: "127.0.0.9", port: 443 }],
    told: ["connect", "127.0.0.9", 4444, "denied"],
  },
  {
    says: "a port of the wide net, beside a narrow entry with another port",
    act: ["connect"],
    connect: [
      { to: "127.0.0.9", port: 443 },
      { to: "127.0.0.0/8", port: 4444 },
    ],
    told: undefined,
  },
  {
    says: "an IPv4 address in the clothes of IPv6",
    act: ["connect-mapped"],
    connect: [{ to: "::/0", port: 443 }],
    told: ["connect", "127.0.0.9", 4444, "denied"],
  },
  { says: "a datagram to elsewhere", act: ["send-udp"], connect: [], told: ["send", "127.0.0.9", 4444, "denied"] },
  {
    says: "a connection through io_uring",
    act: ["io-uring-connect"],
    connect: [],
    told: ["connect", "127.0.0.9", 4444, "denied"],
  },
  {
    says: "a port that is not in the list to bind",
    act: ["bind"],
    bind: [],
    told: ["bind", "0.0.0.0", 4445, "denied"],
  },
  { says: "a port of the list to bind", act: ["bind"], bind: [{ to: "0.0.0.0/0", port: 4445 }], told: undefined },
];

for (const { says, act, connect, bind, told } of cases) {
  test(`${told === undefined ? "goes through" : "is refused with EPERM"}: ${says}`, { skip }, async () => {
    const free = await suite.act(act, { protection: protect({ network: "off" }) });
    const run = await suite.act(act, { protection: limited("block", connect, bind) });
    const refused = run.events.filter((event) => event.protection === "network");
    assert.deepEqual(
      {
        free: free.ok,
        limited: [run.ok, run.errno],
        told: refused.map((event) => [event.kind, event.address, event.port, event.verdict]),
      },
      {
        free: true,
        limited: told === undefined ? [true, 0] : [false, EPERM],
        told: told === undefined ? [] : [told],
      },
    );
  });
}

test("is only told where it is only detected: an address that is not in the list", { skip }, async () => {
  const run = await suite.act(["connect"], { protection: limited("detect", [], undefined) });
  const told = run.events.filter((event) => event.protection === "network").map((event) => event.verdict);
  assert.deepEqual({ ok: run.ok, told }, { ok: true, told: ["seen"] });
});

function limited(
  level: "detect" | "block",
  connect: readonly NetworkPermit[] | undefined,
  bind: readonly NetworkPermit[] | undefined,
): ContainerProtection {
  return { ...protect({ network: level }), connect, bind };
}
