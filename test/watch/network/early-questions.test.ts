// Whom a container asks in its first moments, before the engine has said whom it is to ask.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelEvent, SeenPacket } from "../../../src/model/watch.ts";
import { createFlowTracker } from "../../../src/watch/network/flow-tracker.ts";

test("a question to a stranger is told as one also when it comes before the engine's answer", async () => {
  const { told, sees, engineSays } = scene();
  sees("203.0.113.9", "plain.test");
  const before = told.length;
  await engineSays(["10.0.0.53"]);
  assert.deepEqual([before, told.map(asked)], [0, [["plain.test", 0]]]);
});

test("a question to the resolver is none, and one is told at once when the engine has answered", async () => {
  const { told, sees, engineSays } = scene();
  sees("10.0.0.53", "early.test");
  await engineSays(["10.0.0.53"]);
  sees("203.0.113.9", "late.test");
  assert.deepEqual(told.map(asked), [
    ["early.test", 1],
    ["late.test", 0],
  ]);
});

test("an engine that says nothing makes nobody a stranger, and nobody waits for ever", async () => {
  const { told, sees, engineSays } = scene();
  for (let port = 1024; port < 1424; port++) sees("203.0.113.9", "plain.test", port);
  const atOnce = told.length;
  await engineSays(undefined);
  assert.deepEqual([atOnce, told.length, told.filter((event) => asked(event)[1] === 0).length], [144, 400, 0]);
});

type Scene = {
  readonly told: readonly KernelEvent[];
  readonly sees: (server: string, name: string, port?: number) => void;
  readonly engineSays: (resolvers: readonly string[] | undefined) => Promise<void>;
};

function scene(): Scene {
  const told: KernelEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let resolvers: readonly string[] | undefined;
  const tracker = createFlowTracker({
    ...{ containerIdOf: () => "c1", containerAt: () => "", onName: () => undefined },
    ...{ resolversOf: () => resolvers, resolversKnown: () => promise, tell: (event) => told.push(event) },
  });
  return {
    told,
    sees: (server, name, port = 40_000) =>
      tracker.see({ ...question, localPort: port, peerAddress: server, payload: asking(name) }),
    async engineSays(said) {
      resolvers = said;
      resolve();
      await promise;
      await promise;
    },
  };
}

const asked = ({ details }: KernelEvent): readonly unknown[] => [details["dns.name"], details["dns.isResolver"]];

const question: SeenPacket = {
  ...{ kind: "data", time: 1_700_000_000_000, cgroupId: 7, pid: 100, threadId: 100, startedAt: 1, processName: "app" },
  ...{ isOutgoing: true, protocol: "udp", began: "out", sequence: 0, length: 40, localAddress: "172.17.0.2" },
  ...{ localPort: 40_000, peerAddress: "", peerPort: 53, bytesOut: 68, bytesIn: 0, packetsOut: 1, packetsIn: 0 },
  payload: new Uint8Array(),
};

/** A question for an address. Source: RFC 1035, section 4.1. */
function asking(name: string): Uint8Array {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}
