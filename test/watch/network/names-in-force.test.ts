// Names in allow-lists, as a container meets them: a real engine, a real name server, hosts behind a route, the kernel deciding.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetworkPermit } from "../../../src/model/watch.ts";
import { eventually } from "../../support/eventually.ts";
import { protect } from "../../support/watched.ts";
import { watchedNetwork } from "../../support/watched-network.ts";

const network = watchedNetwork();
const { skip, zone, notices, alerts } = network;

/** In a container that may go to these places only, and to its name server. */
function run(script: string, connect: readonly NetworkPermit[]): Promise<string> {
  const list = [...connect, { to: `${network.gateway()}/32`, port: 53 }];
  return network.run(script, { ...protect({ network: "block" }), connect: list });
}

const get = (url: string, seconds = 8): string =>
  `busybox timeout ${seconds} busybox wget -qO- ${url} 2>&1 || echo failed`;

/** At once, or a second later when it was asked for while a name was being resolved. */
const refusedSoon = /^wget: .*(Operation not permitted|Software caused connection abort)\nfailed\n$/;

test("a permitted name is reached at the first try, and no other address is", { skip }, async () => {
  zone.set("api.test", ["203.0.113.7"]);
  const said = await run(`${get("http://api.test/a")}; ${get("http://203.0.113.8/b")}`, [{ to: "api.test", port: 80 }]);
  assert.match(said, /^203\.0\.113\.7\/a\n/);
  assert.match(said.replace(/^.*\n/, ""), refusedSoon);
});

test("a name that is not permitted is refused soon: no program waits until its connection gives up", {
  skip,
}, async () => {
  zone.set("other.test", ["203.0.113.9"]);
  zone.set("api.test", ["203.0.113.7"]);
  const said = await run(get("http://other.test/c"), [{ to: "api.test", port: 80 }]);
  assert.match(said, refusedSoon);
});

test("a name below a pattern is reached at the first try: the first connection waits a second at most", {
  skip,
}, async () => {
  zone.set("a.b.pattern.test", ["203.0.113.7"]);
  zone.set("pattern.test", ["203.0.113.8"]);
  const script = [
    get("http://a.b.pattern.test/deep"),
    get("http://pattern.test/itself", 3),
    get("http://203.0.113.9/none", 3),
  ].join("; ");
  const said = await run(script, [{ to: "*.pattern.test", port: 80 }]);
  assert.match(said, /^203\.0\.113\.7\/deep\n/);
  assert.doesNotMatch(said, /itself\n203|\/none\n/);
});

test("an address that a name gets later is reached when the container learns of it", { skip }, async () => {
  zone.set("moving.test", ["203.0.113.7"]);
  const wait = "until busybox nslookup go.test | grep -q 203.0.113; do sleep 0.3; done";
  const script = `${get("http://moving.test/1")}; ${wait}; ${get("http://moving.test/2")}`;
  const list = [
    { to: "moving.test", port: 0 },
    { to: `${network.gateway()}/32`, port: 53 },
  ];
  const id = await network.start(script, { ...protect({ network: "block" }), connect: list });
  const first = await eventually(
    () => network.logs(id),
    (text) => text.includes("/1"),
  );
  zone.set("moving.test", ["203.0.113.9"]);
  zone.set("go.test", ["203.0.113.1"]);
  const both = await eventually(
    () => network.logs(id),
    (text) => /\/2|failed/.test(text),
  );
  await network.remove(id);
  assert.deepEqual([first, both], ["203.0.113.7/1\n", "203.0.113.7/1\n203.0.113.9/2\n"]);
});

test("no file of names and no answer of its own lets a container out", { skip }, async () => {
  zone.set("real.test", ["203.0.113.7"]);
  const script = [
    "echo 203.0.113.8 real.test >> /etc/hosts",
    get("http://real.test/forged", 3),
    // A datagram to its own name server is a question like any other; the connection after it still goes nowhere.
    "(while true; do busybox nslookup real.test 127.0.0.1; done) >/dev/null 2>&1 &",
    get("http://203.0.113.8/forged", 4),
  ].join("\n");
  const said = await run(script, [
    { to: "real.test", port: 80 },
    { to: "127.0.0.1/32", port: 53 },
  ]);
  assert.doesNotMatch(said, /^203/m);
  assert.equal(said.match(/^failed$/gm)?.length, 2, said);
});

test("a name that is said to be the host, the metadata address or a neighbour leads to none of them", {
  skip,
}, async () => {
  zone.set("rebound.test", [network.gateway(), "169.254.169.254", "127.0.0.1"]);
  const script = `busybox httpd -p 127.0.0.1:80 -h /; ${get("http://rebound.test/passwd", 4)}; ${get(`http://${network.gateway()}/`, 3)}`;
  const said = await run(script, [{ to: "rebound.test", port: 80 }]);
  assert.equal(said.match(/^failed$/gm)?.length, 2, said);
  assert.ok(
    notices.some((text) => text.includes("rebound.test is said to be")),
    notices.join("\n"),
  );
});

test("over IPv6 it is the same", { skip }, async () => {
  zone.set("six.test", ["2001:db8:f::7"]);
  const script = `${get("http://six.test/six")}; ${get("http://[2001:db8:f::8]/other")}`;
  const said = await run(script, [{ to: "six.test", port: 80 }]);
  assert.match(said, /^2001:db8:f::7\/six\n/);
  assert.match(said.replace(/^.*\n/, ""), refusedSoon);
});

test("what goes nowhere is told, with who tried and what it is called", { skip }, async () => {
  const told = alerts.filter(({ rule, outcome }) => rule === "not-allowed-address" && outcome === "denied");
  const addresses = told.map(({ event }) => event.address);
  for (const address of ["203.0.113.8", "2001:db8:f::8", network.gateway()])
    assert.ok(addresses.includes(address), address);
});
