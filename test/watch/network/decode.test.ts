// Packets as they come, from friends and from others: headers, names, requests, greetings.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePacket, ipv6, tcpFlags } from "../../../src/watch/network/decode-packet.ts";
import { decodeDns } from "../../../src/watch/network/dns-message.ts";
import type { Flow } from "../../../src/watch/network/flow.ts";
import { createFlowTable, type FlowTable } from "../../../src/watch/network/flow-table.ts";
import { decodeHttpRequest } from "../../../src/watch/network/http-request.ts";
import { comparePorts, parseSockets } from "../../../src/watch/network/open-ports.ts";
import { isStratum, signsOf } from "../../../src/watch/network/request-signs.ts";
import { StreamHead } from "../../../src/watch/network/stream-head.ts";
import { decodeClientHello, decodeServerCertificate } from "../../../src/watch/network/tls-hello.ts";

type Made = {
  readonly from?: string;
  readonly to?: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly flags?: number;
  readonly sequence?: number;
  readonly text?: string | Uint8Array;
};

function tcpFrame({
  from = "10.0.0.2",
  to = "10.0.0.1",
  fromPort,
  toPort,
  flags = tcpFlags.ack,
  sequence = 1,
  text = "",
}: Made): Buffer {
  const payload = typeof text === "string" ? Buffer.from(text, "latin1") : Buffer.from(text);
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(fromPort, 0);
  tcp.writeUInt16BE(toPort, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  return frame(6, from, to, Buffer.concat([tcp, payload]));
}

function udpFrame({ from = "10.0.0.2", to = "10.0.0.1", fromPort, toPort, text = "" }: Made): Buffer {
  const payload = Buffer.from(text);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(fromPort, 0);
  udp.writeUInt16BE(toPort, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  return frame(17, from, to, Buffer.concat([udp, payload]));
}

function frame(protocol: number, from: string, to: string, body: Buffer): Buffer {
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(20 + body.length, 2);
  ip[9] = protocol;
  ip.set(from.split(".").map(Number), 12);
  ip.set(to.split(".").map(Number), 16);
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(0x0800, 12);
  return Buffer.concat([ethernet, ip, body]);
}

/** A name without compression, its question, and perhaps one answer that points back to it. */
function dnsMessage(name: string, address?: string): Buffer {
  const labels = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(1, 4);
  const question = Buffer.concat([...labels, Buffer.from([0, 0, 1, 0, 1])]);
  if (address === undefined) return Buffer.concat([head, question]);
  head[2] = 0x80;
  head.writeUInt16BE(1, 6);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([head, question, answer]);
}

test("a TCP packet is read, in a VLAN too, and padding does not count", () => {
  const plain = tcpFrame({ fromPort: 40_000, toPort: 80, sequence: 7, text: "hello" });
  const tagged = Buffer.concat([
    plain.subarray(0, 12),
    Buffer.from([0x81, 0, 0, 5]),
    plain.subarray(12),
    Buffer.alloc(10),
  ]);
  for (const bytes of [plain, tagged]) {
    const packet = decodePacket(bytes);
    assert.deepEqual(
      { ...packet, payload: Buffer.from(packet?.payload ?? []).toString() },
      {
        protocol: "tcp",
        source: "10.0.0.2",
        destination: "10.0.0.1",
        sourcePort: 40_000,
        destinationPort: 80,
        sequence: 7,
        flags: tcpFlags.ack,
        payload: "hello",
      },
    );
  }
});

test("IPv6 addresses are written as people write them", () => {
  const text = (hex: string): string => ipv6(Buffer.from(hex, "hex"), 0);
  assert.deepEqual(
    [
      text("20010db8000000000000000000000001"),
      text("0".repeat(32)),
      text(`${"0".repeat(30)}01`),
      text("fe800000000000000000000000000000"),
      text("00010002000300040005000600070008"),
    ],
    ["2001:db8::1", "::", "::1", "fe80::", "1:2:3:4:5:6:7:8"],
  );
});

test("cut, lying and foreign packets are nothing", () => {
  const good = tcpFrame({ fromPort: 1, toPort: 2, text: "x" });
  const changed = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[at] = value;
    return bytes;
  };
  const bad = [
    good.subarray(0, 40),
    changed(14, 0x4f),
    changed(16, 0xff),
    changed(21, 1),
    changed(46, 0xf0),
    changed(23, 1),
    changed(12, 9),
  ];
  assert.deepEqual(
    bad.map(decodePacket),
    bad.map(() => undefined),
  );
});

test("no bytes break a reader, and none reads past their end", () => {
  const seeds = [
    tcpFrame({ fromPort: 1, toPort: 80, text: "GET / HTTP/1.1\r\nHost: a\r\n\r\n" }),
    udpFrame({ fromPort: 53, toPort: 9, text: dnsMessage("a.b", "1.2.3.4") }),
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 8 }), fc.nat(120))
    .map(([seed, changes, length]) => {
      const bytes = Buffer.from(seed);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes.subarray(0, length);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const packet = decodePacket(bytes);
      for (const part of [bytes, packet?.payload ?? bytes]) {
        decodeDns(part);
        decodeHttpRequest(part);
        decodeClientHello(part);
        decodeServerCertificate(part);
        isStratum(part);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a DNS answer gives the addresses of the name that was asked for", () => {
  assert.deepEqual(decodeDns(dnsMessage("Example.ORG", "93.184.216.34")), {
    isAnswer: true,
    name: "example.org",
    type: "A",
    code: 0,
    addresses: ["93.184.216.34"],
  });
  assert.equal(decodeDns(dnsMessage("evil\u001b[31m.org"))?.name, "evil??31m.org");
});

test("a DNS name that points to itself, forward, or for ever is none", () => {
  const pointing = (to: number): Buffer => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(1, 4);
    return Buffer.concat([head, Buffer.from([0xc0, to, 0, 1, 0, 1]), Buffer.alloc(20)]);
  };
  assert.deepEqual(
    [12, 14, 16].map((to) => decodeDns(pointing(to))),
    [undefined, undefined, undefined],
  );
});

test("a request is read from its first line and its host; what is none is none", () => {
  const read = (text: string): unknown => {
    const found = decodeHttpRequest(Buffer.from(text, "latin1"));
    return found === undefined || found === "more" ? found : [found.method, found.host, found.path, found.userAgent];
  };
  assert.deepEqual(
    [
      read("GET /a?b=1 HTTP/1.1\r\nuser-agent: curl/8\r\nHOST: Web.example:80\r\n\r\nbody"),
      read("GET http://proxy.example/x HTTP/1.0\r\n\r\n"),
      read("GET /a HTTP/1.1\r\nHost: a"),
      read("GE"),
      read("SSH-2.0-OpenSSH\r\n"),
      read("GET /a b HTTP/1.1\r\n\r\n"),
      read("GET / HTTP/1.1\r\nHost: a\u001b[2J\r\n\r\n"),
    ],
    [
      ["GET", "web.example:80", "/a?b=1", "curl/8"],
      ["GET", "proxy.example", "/x", ""],
      "more",
      "more",
      undefined,
      undefined,
      ["GET", "?", "/", ""],
    ],
  );
});

test("signs of an attack are seen through one and two layers of escaping, and honest requests have none", () => {
  const signs = (path: string): readonly string[] => signsOf(`GET ${path} HTTP/1.1\r\nHost: a`);
  assert.deepEqual(
    [
      "/?x=\x24{jndi:ldap://a/b}",
      "/?x=%24%7Bjndi%3Aldap%3A%2F%2Fa%7D",
      "/?x=%2524%257Bjndi%253Aldap%253A%252F%252Fa%257D",
      "/?x=\x24{\x24{lower:j}ndi:rmi://a}",
      "/?id=1+UNION+ALL+SELECT+password",
      "/?id=1'+or+'1'='1",
      "/cgi?x=;/bin/sh",
      "/?f=../../../../etc/passwd",
      "/?u=http://169.254.169.254/latest",
    ].map(signs),
    [
      ["jndi"],
      ["jndi"],
      ["jndi"],
      ["jndi"],
      ["sql-injection"],
      ["sql-injection"],
      ["shell-injection"],
      ["path-traversal"],
      ["metadata-relay"],
    ],
  );
  const honest = [
    "/",
    "/search?q=select+a+union",
    "/a/../b",
    "/o'reilly?or=1",
    "/login;jsessionid=1",
    "/wiki/Bash_(Unix_shell)",
    "/?price=\x24{amount}",
  ];
  assert.deepEqual(honest.flatMap(signs), []);
});

test("a miner's greeting is known", () => {
  assert.ok(isStratum(Buffer.from('{"id":1,"method":"mining.subscribe","params":["x"]}\n')));
  assert.ok(isStratum(Buffer.from('{"method": "login","params":{"login":"x"},"id":1}')));
  assert.ok(!isStratum(Buffer.from('{"id":1,"method":"ping","params":[]}')));
});

test("the beginning of a stream is put in order, the first copy of a byte counts, and memory has an end", () => {
  const head = new StreamHead();
  head.begin(100);
  assert.ok(!head.add(105, Buffer.from("world")));
  assert.ok(head.add(100, Buffer.from("hello")));
  assert.ok(!head.add(100, Buffer.from("HELLO")));
  assert.ok(head.add(108, Buffer.from("LD!")));
  assert.equal(Buffer.from(head.bytes).toString(), "helloworld!");
  for (let at = 0; at < 100; at++) head.add(111 + at * 4000, Buffer.alloc(4000));
  assert.equal(head.bytes.length, 16 * 1024);
  // Numbers begin again after 2^32.
  const wrapped = new StreamHead();
  wrapped.begin(0xffff_fffe);
  wrapped.add(0xffff_fffe, Buffer.from("ab"));
  wrapped.add(0, Buffer.from("cd"));
  assert.equal(Buffer.from(wrapped.bytes).toString(), "abcd");
});

function see(table: FlowTable, bytes: Buffer, isOutgoing: boolean, timeMs = 1000): void {
  const packet = decodePacket(bytes);
  assert.ok(packet !== undefined);
  table.see(packet, isOutgoing, timeMs, bytes.length);
}

test("a conversation becomes one flow, with its name, its request and its bytes", () => {
  const ended: Flow[] = [];
  const table = createFlowTable({ onEnd: (flow) => ended.push(flow) });
  see(table, udpFrame({ to: "10.0.0.53", fromPort: 5000, toPort: 53, text: dnsMessage("web.example") }), true);
  see(
    table,
    udpFrame({
      from: "10.0.0.53",
      to: "10.0.0.2",
      fromPort: 53,
      toPort: 5000,
      text: dnsMessage("web.example", "10.0.0.1"),
    }),
    false,
  );
  const client = { fromPort: 40_000, toPort: 80 };
  const server = { from: "10.0.0.1", to: "10.0.0.2", fromPort: 80, toPort: 40_000 };
  see(table, tcpFrame({ ...client, flags: tcpFlags.syn, sequence: 9 }), true);
  see(table, tcpFrame({ ...server, flags: tcpFlags.syn | tcpFlags.ack, sequence: 99 }), false);
  see(table, tcpFrame({ ...client, sequence: 15, text: "a HTTP/1.1\r\nHost: web\r\n\r\n" }), true);
  see(table, tcpFrame({ ...client, sequence: 10, text: "GET /" }), true);
  see(table, tcpFrame({ ...client, sequence: 15, text: "a HTTP/1.1\r\nHost: web\r\n\r\n" }), true);
  see(table, tcpFrame({ ...client, flags: tcpFlags.fin | tcpFlags.ack, sequence: 41 }), true);
  see(table, tcpFrame({ ...server, flags: tcpFlags.fin | tcpFlags.ack, sequence: 100 }), false, 2000);
  // The last word comes after both have said good-bye, and begins nothing new.
  see(table, tcpFrame({ ...client, sequence: 42 }), true, 2001);
  assert.deepEqual(
    table.current().map(({ dns }) => dns?.name),
    ["web.example"],
  );
  assert.deepEqual(
    ended.map(({ isOutgoing, peerName, peerPort, http, packetsOut, packetsIn, endedAt }) => ({
      isOutgoing,
      peerName,
      peerPort,
      http,
      packetsOut,
      packetsIn,
      endedAt,
    })),
    [
      {
        isOutgoing: true,
        peerName: "web.example",
        peerPort: 80,
        http: { method: "GET", host: "web", path: "/a", userAgent: "" },
        packetsOut: 5,
        packetsIn: 2,
        endedAt: "1970-01-01T00:00:02.000Z",
      },
    ],
  );
});

test("who answers did not begin, also when the beginning was not seen", () => {
  const table = createFlowTable({ onEnd: () => undefined });
  see(table, tcpFrame({ fromPort: 80, toPort: 50_000 }), true);
  see(table, tcpFrame({ fromPort: 50_000, toPort: 443, to: "10.0.0.9" }), true);
  assert.deepEqual(
    table.current().map(({ isOutgoing }) => isOutgoing),
    [false, true],
  );
});

test("a flood of connections pushes out the oldest, each is told once, and it is counted", () => {
  let told = 0;
  const table = createFlowTable({ onEnd: () => told++, maxFlows: 100 });
  for (let port = 1024; port < 2024; port++)
    see(table, tcpFrame({ fromPort: port, toPort: 80, flags: tcpFlags.syn }), true);
  assert.deepEqual([table.current().length, table.pushedOut(), told], [100, 900, 900]);
  table.sweep(10 * 60_000);
  assert.deepEqual([table.current().length, told], [0, 1000]);
});

test("open ports are compared with what the image declares", () => {
  const tcp = [
    "  sl  local_address rem_address   st",
    "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000",
    "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000",
    "   2: 0200000A:9C40 0100000A:0050 01 00000000:00000000 00:00000000",
  ].join("\n");
  const tcp6 = ["head", "   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A x"].join(
    "\n",
  );
  const open = [...parseSockets(tcp, "tcp", "0A"), ...parseSockets(tcp6, "tcp", "0A")];
  assert.deepEqual(open, [
    { protocol: "tcp", port: 80, address: "0.0.0.0" },
    { protocol: "tcp", port: 8080, address: "127.0.0.1" },
    { protocol: "tcp", port: 22, address: "::" },
  ]);
  assert.deepEqual(comparePorts(open, ["80", "443/tcp"]), {
    open: [
      { protocol: "tcp", port: 80, address: "0.0.0.0", isDeclared: true },
      { protocol: "tcp", port: 22, address: "::", isDeclared: false },
    ],
    unused: ["443/tcp"],
  });
});
