// Names in allow-lists: what they stand for is asked by the watch alone, from a real name server.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineClient } from "../../../src/engine/engine.ts";
import type { NetworkPermit } from "../../../src/model/watch.ts";
import { hostAddresses, mayNameLeadTo } from "../../../src/watch/network/never-by-name.ts";
import { type OpenNamedPermits, openNamedPermits } from "../../../src/watch/network/open-named-permits.ts";
import { type Answering, startNameServer, type TestNameServer } from "../../support/name-server.ts";
import { protect } from "../../support/watched.ts";

const web = "1".repeat(64);

type Scene = {
  readonly server: TestNameServer;
  readonly permits: OpenNamedPermits;
  /** What the kernel was told last, without what was written as an address. */
  readonly inForce: (containerId?: string) => readonly string[];
  readonly notices: readonly string[];
  /** Time goes by, and what is due is asked. */
  readonly pass: (ms: number) => Promise<void>;
};

async function scene(
  t: { after(done: () => void): void },
  answer: Answering,
  engine: Partial<EngineClient> = {},
): Promise<Scene> {
  const server = await startNameServer(answer);
  const told = new Map<string, readonly NetworkPermit[]>();
  const notices: string[] = [];
  let now = 1_000_000;
  const permits = openNamedPermits({
    engine: { ...noEngine, ...engine },
    nameServers: [server.at],
    apply: (containerId, { connect }) => told.set(containerId, connect ?? []),
    release: () => undefined,
    notice: (text) => notices.push(text),
    nowMs: () => now,
  });
  t.after(() => {
    permits.close();
    server.close();
  });
  return {
    ...{ server, permits, notices },
    inForce: (containerId = web) =>
      (told.get(containerId) ?? [])
        .filter(({ to }) => /^[\d.]+$|:/.test(to) && !to.includes("/"))
        .map(({ to, port }) => `${to} ${port}`)
        .sort(),
    async pass(ms) {
      now += ms;
      await permits.book.tick();
      await settle();
    },
  };
}

/** What has changed is written in the next turn. */
const settle = (): Promise<void> => new Promise((done) => setImmediate(() => setImmediate(done)));

const refuse = (): never => {
  throw new Error("nobody asked for this");
};
const noEngine: EngineClient = {
  ...{ socket: "", stream: refuse, work: refuse, post: refuse, delete: refuse, close: () => undefined },
  get: async (path) => (path === "/networks" ? [{ IPAM: { Config: [{ Subnet: "172.17.0.0/16" }] } }] : []),
};

const address = (...all: readonly string[]): Answering => {
  return (_, type) =>
    all
      .filter((each) => each.includes(":") === (type === "AAAA"))
      .map((each) => ({ kind: "address", address: each, ttl: 30 }));
};

function list(...connect: readonly NetworkPermit[]): ReturnType<typeof protect> {
  return { ...protect({ network: "block" }), connect };
}

test("a name is resolved before the container starts, over both families, with its port", async (t) => {
  const { permits, inForce, server } = await scene(t, address("203.0.113.7", "2001:db8::7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }, { to: "10.0.0.0/8", port: 0 }));
  assert.deepEqual(
    [inForce(), [...server.asked].sort()],
    [
      ["2001:db8::7 443", "203.0.113.7 443"],
      ["A api.example", "AAAA api.example"],
    ],
  );
});

test("a chain of aliases ends in the addresses of its last name", async (t) => {
  const { permits, inForce } = await scene(t, (name, type) =>
    type === "AAAA"
      ? []
      : [
          { kind: "alias", of: name, to: "a.cdn.example" },
          { kind: "alias", of: "a.cdn.example", to: "b.cdn.example" },
          { kind: "address", owner: "b.cdn.example", address: "203.0.113.8" },
        ],
  );
  await permits.protect(web, list({ to: "www.example", port: 0 }));
  assert.deepEqual(inForce(), ["203.0.113.8 0"]);
});

test("no name leads to this host, to what is link-local, to a cloud's metadata or to a neighbour", async (t) => {
  const own = hostAddresses();
  const bad = [
    ...["127.0.0.1", "127.8.8.8", "0.0.0.0", "169.254.169.254", "224.0.0.1", "255.255.255.255", "100.100.100.200"],
    ...[
      "172.17.0.3",
      "::1",
      "::",
      "fe80::1",
      "ff02::1",
      "fd00:ec2::254",
      "::ffff:169.254.169.254",
      "64:ff9b::a9fe:a9fe",
    ],
    ...["2002:a9fe:a9fe::1", "64:ff9b:1::1", "::a9fe:a9fe"],
    ...own.filter((each) => !each.includes("%")),
  ];
  const wire = bad.map((each) => each.replace("::ffff:169.254.169.254", "::ffff:a9fe:a9fe"));
  const { permits, inForce, notices } = await scene(t, address(...wire, "203.0.113.9"));
  await permits.protect(web, list({ to: "rebound.example", port: 0 }));
  assert.deepEqual(inForce(), ["203.0.113.9 0"]);
  assert.match(notices.join("\n"), /rebound\.example is said to be .*: no name leads there, only the address itself/);
  assert.ok(!bad.filter((each) => each !== "172.17.0.3").some((each) => mayNameLeadTo(each, own)));
});

test("an address that a name had stays for a while, and then goes", async (t) => {
  const { permits, inForce, server, pass } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  server.answer = address("203.0.113.8");
  await pass(31_000);
  const both = inForce();
  for (let minutes = 0; minutes < 4; minutes++) await pass(60_000);
  assert.deepEqual([both, inForce()], [["203.0.113.7 443", "203.0.113.8 443"], ["203.0.113.8 443"]]);
});

test("TTL 0 asks no more than every ten seconds, and what was said lives for a minute", async (t) => {
  const { permits, inForce, server, pass } = await scene(t, (_, type) =>
    type === "A" ? [{ kind: "address", address: "203.0.113.7", ttl: 0 }] : [],
  );
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  for (let seconds = 0; seconds < 9; seconds++) await pass(1_000);
  const early = server.asked.length;
  await pass(1_000);
  assert.deepEqual([early, server.asked.length, inForce()], [2, 4, ["203.0.113.7 443"]]);
});

test("where nobody answers the last answer counts for an hour, and then nothing is permitted", async (t) => {
  const { permits, inForce, notices, pass, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  server.close();
  await pass(50 * 60_000);
  const kept = inForce();
  await pass(15 * 60_000);
  assert.deepEqual([kept, inForce()], [["203.0.113.7 443"], []]);
  assert.match(notices[0] ?? "", /^api\.example is not resolved: .*; the last answer counts$/);
});

test("a name that is gone has no address when its time is over", async (t) => {
  const { permits, inForce, pass, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  server.answer = () => "none";
  for (let minutes = 0; minutes < 5; minutes++) await pass(60_000);
  assert.deepEqual(inForce(), []);
});

test("what a container is told adds nothing: it only makes the watch ask again", async (t) => {
  const { permits, inForce, pass, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  await pass(2_000);
  // Its own name server says so, on its own loopback.
  permits.heard(web, { name: "api.example", addresses: ["10.6.6.6"], timeMs: 0 });
  permits.heard(web, { name: "evil.example", addresses: ["10.6.6.6"], timeMs: 0 });
  await permits.book.askAgain("api.example");
  await settle();
  const forged = inForce();
  await pass(2_000);
  server.answer = address("203.0.113.7", "203.0.113.66");
  permits.heard(web, { name: "api.example", addresses: ["203.0.113.66"], timeMs: 0 });
  await permits.book.askAgain("api.example");
  await settle();
  assert.deepEqual([forged, inForce()], [["203.0.113.7 443"], ["203.0.113.66 443", "203.0.113.7 443"]]);
});

test("an address that is new within a second of the last question is asked for when that second is over", async (t) => {
  const { permits, inForce, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "api.example", port: 443 }));
  server.answer = address("203.0.113.66");
  for (let times = 0; times < 20; times++)
    permits.heard(web, { name: "api.example", addresses: ["203.0.113.66"], timeMs: 0 });
  await permits.book.askAgain("api.example");
  await settle();
  assert.deepEqual(
    [inForce(), server.asked.length],
    [["203.0.113.66 443", "203.0.113.7 443"], 4],
    "each question asks for both families",
  );
});

test("a name below a pattern is permitted once somebody asked for it, however deep; the pattern's own end is not", async (t) => {
  const { permits, inForce, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "*.example.org", port: 80 }));
  const before = inForce();
  for (const name of ["example.org", "badexample.org", "example.org.evil.net", "a.b.example.org"]) {
    permits.heard(web, { name: name, addresses: [], timeMs: 0 });
  }
  await permits.book.need("a.b.example.org");
  await settle();
  assert.deepEqual(
    [before, inForce(), [...new Set(server.asked)].sort()],
    [[], ["203.0.113.7 80"], ["A a.b.example.org", "AAAA a.b.example.org"]],
  );
});

test("ten thousand names of a pattern, and a name with ten thousand addresses, end at their limits", async (t) => {
  const { permits, inForce, pass, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "*.example.org", port: 0 }, { to: "big.example", port: 0 }));
  for (let number = 0; number < 10_000; number++)
    permits.heard(web, { name: `n${number}.example.org`, addresses: [], timeMs: 0 });
  assert.ok(permits.book.size() <= 65, "no more questions than the flood guard lets through");
  for (let minute = 0; minute < 8; minute++) {
    await pass(60_000);
    for (let number = 0; number < 100; number++)
      permits.heard(web, { name: `m${minute * 100 + number}.example.org`, addresses: [], timeMs: 0 });
  }
  assert.ok(permits.book.size() <= 257, `${permits.book.size()} names`);
  let round = 0;
  server.answer = (name, type) =>
    name !== "big.example" || type === "AAAA"
      ? []
      : Array.from({ length: 500 }, (_, index) => ({
          ...{ kind: "address", ttl: 10 },
          address: `203.${round}.${index >> 8}.${index & 255}`,
        }));
  for (round = 0; round < 20; round++) await pass(11_000);
  assert.ok(inForce().length <= 2048, `${inForce().length} addresses`);
  assert.ok(permits.book.addressesOf("big.example").length <= 512);
});

test("a name without a dot is a neighbour's in a network of both, and nobody else's", async (t) => {
  const networks = (all: Readonly<Record<string, string>>): object => ({
    Networks: Object.fromEntries(Object.entries(all).map(([name, IPAddress]) => [name, { IPAddress }])),
  });
  const db = "2".repeat(64);
  const { permits, inForce, server } = await scene(t, () => "none", {
    async get(path) {
      if (path === "/networks") return [];
      if (path === `/containers/${web}/json`) return { NetworkSettings: networks({ front: "", bridge: "" }) };
      return [
        { Id: db, Names: ["/db"], NetworkSettings: networks({ front: "172.18.0.3", back: "172.19.0.3" }) },
        {
          Id: "3".repeat(64),
          Names: ["/x-cache-1"],
          Labels: { "com.docker.compose.service": "cache" },
          NetworkSettings: networks({ front: "172.18.0.4" }),
        },
        {
          Id: "4".repeat(64),
          Names: ["/away"],
          NetworkSettings: networks({ back: "172.19.0.9", bridge: "172.17.0.9" }),
        },
      ];
    },
  });
  await permits.protect(
    web,
    list({ to: "db", port: 5432 }, { to: "cache", port: 6379 }, { to: "away", port: 0 }, { to: "nobody", port: 0 }),
  );
  assert.deepEqual([inForce(), server.asked], [["172.18.0.3 5432", "172.18.0.4 6379"], []]);
});

test("what is forgotten is not asked for any more; a new list takes the place of the old one", async (t) => {
  const { permits, inForce, pass, server } = await scene(t, address("203.0.113.7"));
  await permits.protect(web, list({ to: "a.example", port: 1 }));
  await permits.protect(web, list({ to: "b.example", port: 2 }));
  const second = inForce();
  permits.forget(web);
  const asked = server.asked.length;
  await pass(600_000);
  assert.deepEqual([second, server.asked.length, permits.book.size()], [["203.0.113.7 2"], asked, 0]);
});
