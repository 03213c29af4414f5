// The packets of a real container of a real engine: captured, named, told from those of its neighbours.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { PlimsollError } from "../../../src/base/errors.ts";
import { startCapture } from "../../../src/watch/network/capture.ts";
import { findContainerNetwork } from "../../../src/watch/network/container-links.ts";
import { decodePacket } from "../../../src/watch/network/decode-packet.ts";
import type { Flow } from "../../../src/watch/network/flow.ts";
import { createFlowTable } from "../../../src/watch/network/flow-table.ts";
import { observeNetwork } from "../../../src/watch/network/observe-network.ts";
import { readOpenPorts } from "../../../src/watch/network/open-ports.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../../support/engine.ts";
import { request } from "../../support/http.ts";
import { makeImage } from "../../support/images.ts";
import { textAt } from "../../support/json.ts";
import { enterOwnNetwork } from "../../support/own-network.ts";

const skip = whyNoEngine() ?? false;

let engine: TestEngine;
let folder = "";
let gateway = "";

before(async () => {
  if (skip !== false) return;
  enterOwnNetwork();
  engine = await startEngine({ network: true, sharesNetwork: true });
  await makeImage(engine.socket, { reference: "box:1" });
  folder = mkdtempSync(join(tmpdir(), "plimsoll-network-"));
  const bridge = execFileSync("ip", ["-4", "addr", "show", "docker0"], { encoding: "utf8" });
  gateway = /inet ([\d.]+)/.exec(bridge)?.[1] ?? "";
  assert.notEqual(gateway, "");
});

after(async () => {
  await engine?.close();
  if (folder !== "") rmSync(folder, { recursive: true });
});

async function start(command: string, host: object = {}): Promise<{ readonly id: string; readonly pid: number }> {
  const body = { Image: "box:1", Cmd: ["sh", "-c", command], HostConfig: host };
  const made = await request(engine.socket, "POST", "/containers/create", { body });
  const id = textAt(made.json, "Id");
  const started = await request(engine.socket, "POST", `/containers/${id}/start`);
  assert.equal(started.status, 204, started.text);
  return { id, pid: pidOf(id) };
}

/** In our own numbers: the engine counts in a namespace of its own. */
function pidOf(id: string): number {
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && readText(`/proc/${name}/cgroup`).includes(id));
  assert.ok(pid !== undefined);
  return Number(pid);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function remove(id: string): Promise<unknown> {
  return request(engine.socket, "DELETE", `/containers/${id}?force=1`);
}

test("a capture holds the packets of its container, both ways, in a file that others read", { skip }, async () => {
  const web = createServer((_, response) => response.end("answer")).listen(0, gateway);
  await once(web, "listening");
  const { port } = addressOf(web);
  const [mine, neighbour] = [await start("sleep 300"), await start("sleep 300")];
  const file = join(folder, "mine.pcapng");
  try {
    const capture = startCapture({
      pid: mine.pid,
      file,
      application: "plimsoll test",
      snapLength: 65_535,
      maxBytes: 2 ** 24,
      onEnd: assert.fail,
    });
    const at = `http://${gateway}:${port}`;
    await Promise.all([get(mine.pid, `${at}/of-mine`), get(neighbour.pid, `${at}/of-the-neighbour`)]);
    await sleep(200);
    const { packets, bytes, dropped } = capture.close();
    assert.equal(dropped, 0);
    assert.equal(statSync(file).size, bytes);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const read = execFileSync("tcpdump", ["-nn", "-A", "-r", file], { encoding: "latin1" });
    assert.match(read, /GET \/of-mine HTTP/);
    assert.match(read, /answer/);
    assert.doesNotMatch(read, /of-the-neighbour/);
    const listed = execFileSync("tcpdump", ["-nn", "-r", file], {
      encoding: "latin1",
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.equal(listed.trimEnd().split("\n").length, packets);
  } finally {
    web.close();
    await Promise.all([remove(mine.id), remove(neighbour.id)]);
  }
});

test("a capture ends at its limit, with whole packets, and is never written over another file", { skip }, async () => {
  const web = createServer((_, response) => response.end("answer")).listen(0, gateway);
  await once(web, "listening");
  const { port } = addressOf(web);
  const { id, pid } = await start("sleep 300");
  const file = join(folder, "full.pcapng");
  try {
    const ended = Promise.withResolvers<string>();
    const capture = startCapture({
      pid,
      file,
      application: "a",
      snapLength: 96,
      maxBytes: 3000,
      onEnd: (why) => ended.resolve(why),
    });
    for (let tries = 0; tries < 10; tries++) await get(pid, `http://${gateway}:${port}/`);
    assert.equal(await ended.promise, "full");
    const { packets } = capture.close();
    assert.ok(packets > 5 && statSync(file).size <= 3000);
    const listed = execFileSync("tcpdump", ["-nn", "-r", file], {
      encoding: "latin1",
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.equal(listed.trimEnd().split("\n").length, packets);
    const again = { pid, file, application: "a", snapLength: 96, maxBytes: 3000, onEnd: assert.fail };
    assert.throws(
      () => startCapture(again),
      (error) => error instanceof PlimsollError && error.code === "USAGE",
    );
  } finally {
    web.close();
    await remove(id);
  }
});

test("flows have names, hosts, greetings and certificates", { skip }, async () => {
  const { id, pid } = await start("sleep 300");
  const name = "secret.example";
  const dns = createSocket("udp4");
  dns.on("message", (question, peer) => dns.send(answerTo(question, gateway), peer.port, peer.address));
  dns.bind(53, gateway);
  await once(dns, "listening");
  const tls = await startTlsServer(gateway, name);
  const flows: Flow[] = [];
  const table = createFlowTable({ onEnd: (flow) => flows.push(flow) });
  const network = observeNetwork(pid, ({ bytes, isOutgoing, length, time }) => {
    const packet = decodePacket(bytes);
    if (packet !== undefined) table.see(packet, isOutgoing, Number(time / 1_000_000n), length);
  });
  try {
    await spawnAsync("nsenter", `--net=/proc/${pid}/ns/net`, "busybox", "nslookup", "-type=a", name, gateway);
    await spawnAsync(
      "nsenter",
      `--net=/proc/${pid}/ns/net`,
      "openssl",
      "s_client",
      "-connect",
      `${gateway}:8443`,
      "-servername",
      name,
      "-tls1_2",
      "-alpn",
      "h2",
    );
    await sleep(200);
    network.close();
    table.close();
    assert.ok(
      flows.some((flow) => flow.dns?.name === name && flow.peerPort === 53),
      JSON.stringify(flows),
    );
    const found = flows.find(({ peerPort }) => peerPort === 8443);
    assert.deepEqual(
      [
        found?.isOutgoing,
        found?.peerName,
        found?.tls?.serverName,
        found?.tls?.protocols,
        found?.tls?.certificate?.subject,
        found?.tls?.certificate?.isSelfSigned,
      ],
      [true, name, name, ["h2"], `CN=${name}`, true],
    );
  } finally {
    network.close();
    tls.close();
    dns.close();
    await remove(id);
  }
});

test("open ports are those that the container's own processes opened", { skip }, async () => {
  const { id, pid } = await start("busybox httpd -p 8081; busybox httpd -p 127.0.0.1:8082; sleep 300");
  try {
    for (let tries = 0; tries < 100 && readOpenPorts(pid).length < 2; tries++) await sleep(50);
    assert.deepEqual(
      readOpenPorts(pid).map(({ port, address }) => [port, address.replace("::", "0.0.0.0")]),
      [
        [8081, "0.0.0.0"],
        [8082, "127.0.0.1"],
      ],
    );
  } finally {
    await remove(id);
  }
});

test("a container on the host's network, or without any, is not told to be captured", { skip }, async () => {
  const [onHost, alone] = [
    await start("sleep 300", { NetworkMode: "host" }),
    await start("sleep 300", { NetworkMode: "none" }),
  ];
  try {
    assert.deepEqual(findContainerNetwork(onHost.pid), { kind: "host" });
    assert.throws(() => observeNetwork(onHost.pid, () => undefined), /shares the host's network/);
    assert.throws(() => observeNetwork(alone.pid, () => undefined), /no interface whose other end is on this host/);
  } finally {
    await Promise.all([remove(onHost.id), remove(alone.id)]);
  }
});

test("a pipe where the container's /sys should be holds nobody up", { skip }, async () => {
  const script =
    "umount /sys; mount -t tmpfs t /sys; mkdir -p /sys/class/net/eth0; mkfifo /sys/class/net/eth0/iflink; sleep 300";
  const { id, pid } = await start(script, { CapAdd: ["SYS_ADMIN"], SecurityOpt: ["seccomp=unconfined"] });
  try {
    const network = findContainerNetwork(pid);
    assert.deepEqual(network.kind === "own" && network.links.map(({ name }) => name), ["eth0"]);
  } finally {
    await remove(id);
  }
});

function get(pid: number, url: string): Promise<void> {
  const script = "fetch(process.argv[1]).then((answer) => answer.text())";
  return spawnAsync("nsenter", `--net=/proc/${pid}/ns/net`, process.execPath, "-e", script, url);
}

function addressOf(server: { address(): unknown }): { readonly port: number } {
  const found = server.address();
  assert.ok(typeof found === "object" && found !== null && "port" in found && typeof found.port === "number");
  return { port: found.port };
}

/** Servers of this process answer only while it does not wait. */
async function spawnAsync(program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore"], timeout: 20_000 });
  await once(child, "exit");
}

function answerTo(question: Buffer, address: string): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const answer = Buffer.concat([
    question.subarray(0, end),
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]),
  ]);
  answer[2] = 0x81;
  answer.writeUInt16BE(1, 6);
  answer.writeUInt32BE(0, 8);
  return answer;
}

/** Of TLS 1.2: later versions hide the certificate. */
async function startTlsServer(address: string, name: string): Promise<{ close(): void }> {
  const [key, certificate] = [join(folder, "tls.key"), join(folder, "tls.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const files = ["-keyout", key, "-out", certificate, "-subj", `/CN=${name}`, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...files], { stdio: "ignore" });
  const options = { key: readFileSync(key), cert: readFileSync(certificate), maxVersion: "TLSv1.2" } as const;
  const server = createTlsServer(options, (socket) => socket.end()).listen(8443, address);
  await once(server, "listening");
  return server;
}
