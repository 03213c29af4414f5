// A name server for tests, over UDP and TCP: it says what the test wants, also what no honest server says.
// Source: RFC 1035, section 4; RFC 7766 (TCP).

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

export type NameRecord =
  | { readonly kind: "address"; readonly address: string; readonly ttl?: number; readonly owner?: string }
  | { readonly kind: "alias"; readonly of: string; readonly to: string; readonly ttl?: number };

/** @returns undefined: no answer at all; "none": there is no such name */
export type Answering = (name: string, type: "A" | "AAAA") => readonly NameRecord[] | "none" | undefined;

export type TestNameServer = {
  /** `127.0.0.1:5353` */
  readonly at: string;
  readonly port: number;
  /** `A name` */
  readonly asked: readonly string[];
  answer: Answering;
  close(): void;
};

const noSuchName = 3;
const mostUdpBytes = 512;

export async function startNameServer(answer: Answering, host = "127.0.0.1", port = 0): Promise<TestNameServer> {
  const asked: string[] = [];
  let isClosed = false;
  const server = { at: "", port: 0, asked, answer, close: () => undefined };
  const reply = (question: Buffer, isCut: boolean): Buffer | undefined => {
    const { name, type, end } = readQuestion(question);
    asked.push(`${type} ${name}`);
    const records = server.answer(name, type);
    if (records === undefined) return undefined;
    const whole = encodeReply(question.subarray(0, end), name, records, false);
    return isCut && whole.length > mostUdpBytes ? encodeReply(question.subarray(0, end), name, [], true) : whole;
  };
  const tcp = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      const answered = reply(bytes.subarray(2), false);
      if (answered === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answered.length);
      socket.write(Buffer.concat([length, answered]));
    });
  });
  tcp.listen(port, host);
  await once(tcp, "listening");
  const place = tcp.address();
  if (place === null || typeof place === "string") throw new Error("no port");
  const udp = createSocket("udp4");
  udp.on("message", (question, peer) => {
    const answered = reply(question, true);
    if (answered !== undefined) udp.send(answered, peer.port, peer.address);
  });
  udp.bind(place.port, host);
  await once(udp, "listening");
  return Object.assign(server, {
    at: `${host}:${place.port}`,
    port: place.port,
    close() {
      if (isClosed) return;
      isClosed = true;
      udp.close();
      tcp.close();
    },
  });
}

function readQuestion(bytes: Buffer): { readonly name: string; readonly type: "A" | "AAAA"; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: bytes.readUInt16BE(at + 1) === 28 ? "AAAA" : "A", end: at + 5 };
}

function encodeReply(asked: Buffer, name: string, records: readonly NameRecord[] | "none", isCut: boolean): Buffer {
  const head = Buffer.from(asked.subarray(0, 12));
  const list = records === "none" ? [] : records;
  head.writeUInt16BE(0x8180 | (isCut ? 0x0200 : 0) | (records === "none" ? noSuchName : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(list.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, asked.subarray(12), ...list.map((record) => encodeRecord(record, name))]);
}

function encodeRecord(record: NameRecord, name: string): Buffer {
  const isAlias = record.kind === "alias";
  const isSix = !isAlias && record.address.includes(":");
  const data = isAlias ? encodeName(record.to) : isSix ? ipv6(record.address) : ipv4(record.address);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(isAlias ? 5 : isSix ? 28 : 1, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(record.ttl ?? 60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(isAlias ? record.of : (record.owner ?? name)), fixed, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.alloc(1)]);
}

function ipv4(address: string): Buffer {
  return Buffer.from(address.split(".").map(Number));
}

function ipv6(address: string): Buffer {
  const [before = "", after = ""] = address.split("::");
  const groups = (text: string): readonly string[] => (text === "" ? [] : text.split(":"));
  const missing = Array.from({ length: 8 - groups(before).length - groups(after).length }, () => "0");
  const all = address.includes("::") ? [...groups(before), ...missing, ...groups(after)] : groups(address);
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}
