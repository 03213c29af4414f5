// What goes wrong around a gate: it dies, its engine dies, callers misbehave by the thousand. Nothing crashes, nothing
// is let through undecided, no record that somebody got an answer for is lost, and the next caller is served.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { textAt } from "../../src/base/reading.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { type Reply, request } from "../support/http.ts";
import { makeImage } from "../support/images.ts";

const skip = whyNoEngine() ?? false;
const clients = 200;
const idleConnections = 10_000;

let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  gate = await startGate(engine);
  await makeImage(gate.socket);
  await makeImage(gate.socket, { reference: "big:1", files: [{ name: "zeros", data: new Uint8Array(80_000_000) }] });
});

after(async () => {
  await gate?.close();
  await engine?.close();
});

/** Asks again until the condition holds, and fails with what it found last. */
async function eventually<Found>(look: () => Found | Promise<Found>, holds: (found: Found) => boolean): Promise<Found> {
  for (let tries = 0; ; tries += 1) {
    const found = await look();
    if (holds(found) || tries === 600) return found;
    await sleep(100);
  }
}

function openDescriptors(): number {
  return readdirSync(`/proc/${gate.pid()}/fd`).length;
}

function residentMegabytes(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${gate.pid()}/status`, "utf8"))?.[1]) / 1024;
}

/** A connection whose errors are its own business. The kernel says "again" while the queue of new connections is full. */
async function openSocket(bytes = ""): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await openOnce(bytes);
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
}

function openOnce(bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: gate.socket, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      if (bytes !== "") socket.write(bytes);
      resolve(socket);
    });
  });
}

async function isServing(): Promise<boolean> {
  return (await request(gate.socket, "GET", "/_ping")).status === 200;
}

type Asked = { readonly privileged: boolean; readonly reply: Reply };

/** One client: creates by turns what is allowed and what is not, through restarts, until told to stop. */
async function keepAsking(client: number, isOver: () => boolean): Promise<readonly Asked[]> {
  const answers: Asked[] = [];
  for (let turn = 0; !isOver(); turn += 1) {
    const privileged = turn % 2 === 0;
    const body = { Image: "bb:1", Cmd: ["true"], HostConfig: { Privileged: privileged, NetworkMode: "none" } };
    const target = `/v1.41/containers/create?name=crowd-${client}-${turn}`;
    const reply = await request(gate.socket, "POST", target, { body }).catch(() => undefined);
    if (reply !== undefined && reply.status !== 0) answers.push({ privileged, reply });
    await sleep(50 + Math.random() * 400);
  }
  return answers;
}

test("killed and restarted under 200 clients, every answer was decided and is on record", { skip }, async () => {
  let isOver = false;
  const crowd = Array.from({ length: clients }, (_, client) => keepAsking(client, () => isOver));
  for (let restart = 0; restart < 2; restart += 1) {
    await sleep(2000);
    await gate.kill();
    await gate.start();
  }
  await sleep(1000);
  isOver = true;
  const answers = (await Promise.all(crowd)).flat();
  const created = answers.filter(({ reply }) => reply.status === 201).map(({ reply }) => textAt(reply.json, "Id"));
  const records = await gate.recorded();
  const allowed = records.filter(
    ({ action, verdict, status }) => action === "container.create" && verdict === "allow" && status === 201,
  );
  const denied = records.filter(({ action, verdict }) => action === "container.create" && verdict === "deny");
  const refused = answers.filter(({ privileged, reply }) => privileged && reply.status === 403);
  assert.ok(created.length > 20 && refused.length > 20, `${created.length} created, ${refused.length} refused`);
  assert.deepEqual(
    {
      leaked: answers
        .filter(({ privileged, reply }) => privileged && reply.status !== 403)
        .map(({ reply }) => reply.text),
      oddAnswers: answers
        .filter(({ privileged, reply }) => !privileged && reply.status !== 201)
        .map(({ reply }) => reply.text),
      unrecordedCreates: Math.max(0, created.length - allowed.length),
      unrecordedRefusals: Math.max(0, refused.length - denied.length),
      isServing: await isServing(),
    },
    { leaked: [], oddAnswers: [], unrecordedCreates: 0, unrecordedRefusals: 0, isServing: true },
  );
});

test("heads that never end are answered with one sentence and closed, while others are served", { skip }, async () => {
  const slow = await Promise.all(
    Array.from({ length: 50 }, () => openSocket("GET /_ping HTTP/1.1\r\nHost: d\r\nX-Slow: ")),
  );
  const drip = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write("a");
  }, 500);
  const endings = slow.map(
    (socket) =>
      new Promise<string>((resolve) => {
        const received: Buffer[] = [];
        socket.on("data", (bytes: Buffer) => received.push(bytes));
        socket.on("end", () => socket.destroy());
        socket.on("close", () => resolve(Buffer.concat(received).toString()));
      }),
  );
  const served = await isServing();
  const texts = await Promise.all(endings);
  clearInterval(drip);
  assert.deepEqual(
    [served, [...new Set(texts.map((text) => text.split("\r\n")[0]))]],
    [true, ["HTTP/1.1 408 Refused"]],
  );
});

test("callers that vanish, half-close or send half a body leave no descriptor behind", { skip }, async () => {
  const before = openDescriptors();
  const half = await Promise.all(
    Array.from({ length: 100 }, (_, index) => {
      const body =
        "POST /v1.41/containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
      return openSocket(index % 2 === 0 ? body : "GET /v1.41/events HTTP/1.1\r\nHost: d\r\n\r\n");
    }),
  );
  await eventually(openDescriptors, (count) => count >= before + 100);
  for (const [index, socket] of half.entries()) index % 4 < 2 ? socket.end() : socket.destroy();
  const left = await eventually(openDescriptors, (count) => count <= before + 5);
  for (const socket of half) socket.destroy();
  assert.deepEqual([left <= before + 5, await isServing()], [true, true]);
});

test("a caller that never reads costs no memory, and its leaving ends the engine's work", { skip }, async () => {
  const [before, descriptors] = [residentMegabytes(), openDescriptors()];
  const lazy = await Promise.all(
    Array.from({ length: 4 }, () => openSocket("GET /v1.41/images/big:1/get HTTP/1.1\r\nHost: d\r\n\r\n")),
  );
  for (const socket of lazy) socket.pause();
  await sleep(3000);
  const grown = residentMegabytes() - before;
  const served = await isServing();
  for (const socket of lazy) socket.destroy();
  const left = await eventually(openDescriptors, (count) => count <= descriptors + 3);
  const records = await eventually(gate.recorded, (all) => all.filter(({ end }) => end === "client-gone").length >= 4);
  const ends = records.filter(({ action }) => action === "image.save").map(({ end }) => end);
  assert.deepEqual(
    [grown < 60, served, left <= descriptors + 3, ends],
    [true, true, true, Array(4).fill("client-gone")],
  );
});

test("10,000 idle connections keep nobody from being served, and leave nothing behind", { skip }, async () => {
  const before = openDescriptors();
  const idle: Socket[] = [];
  while (idle.length < idleConnections) {
    idle.push(
      ...(await Promise.all(Array.from({ length: 500 }, () => openSocket("GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")))),
    );
  }
  for (const socket of idle) socket.resume();
  const open = await eventually(openDescriptors, (count) => count >= before + idleConnections);
  const served = await isServing();
  for (const socket of idle) socket.destroy();
  const left = await eventually(openDescriptors, (count) => count <= before + 70);
  assert.deepEqual([open >= before + idleConnections, served, left <= before + 70], [true, true, true]);
});

// The last test: the engine stays dead.
test("an engine that is killed in the middle of a stream ends it unfinished, and callers are told what to do", {
  skip,
}, async () => {
  const stream = await openSocket("GET /v1.41/events HTTP/1.1\r\nHost: d\r\n\r\n");
  const received: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => received.push(bytes));
  const closed = new Promise((resolve) => stream.on("end", resolve).on("close", resolve));
  await eventually(
    () => received.length,
    (count) => count > 0,
  );
  await engine.kill();
  await closed;
  const text = Buffer.concat(received).toString();
  const after = await request(gate.socket, "GET", "/_ping");
  const records = await eventually(gate.recorded, (all) => all.some(({ end }) => end === "engine-gone"));
  assert.deepEqual(
    [
      /^HTTP\/1\.1 200/.test(text),
      text.endsWith("0\r\n\r\n"),
      after.status,
      /no engine answers.*start the engine/.test(after.text),
      records.some(({ action, end }) => action === "system.events" && end === "engine-gone"),
    ],
    [true, false, 502, true, true],
  );
});
