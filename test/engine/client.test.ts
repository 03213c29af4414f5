// The gate's own questions to the engine: what comes back when the engine answers, refuses, dies, returns or says nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import { type EngineClientLimits, openEngineClient } from "../../src/engine/client.ts";
import type { EngineClient } from "../../src/engine/engine.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { textAt } from "../support/json.ts";

const skip = whyNoEngine() ?? false;
let engine: TestEngine;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
});

after(async () => {
  await engine?.close();
});

async function codeOf(question: Promise<unknown>): Promise<string> {
  try {
    await question;
    return "answered";
  } catch (thrown) {
    return thrown instanceof PlimsollError ? thrown.code : String(thrown);
  }
}

test("what is there, what is not there, and what the engine refuses are three things", { skip }, async (t) => {
  const client = openEngineClient(engine.socket);
  t.after(() => client.close());
  await client.post("/volumes/create", { Name: "vol" });
  const there = textAt(await client.get("/volumes/vol"), "Name");
  await client.delete("/volumes/vol");
  assert.deepEqual(
    {
      there,
      gone: await client.get("/volumes/vol"),
      refused: await codeOf(client.post("/volumes/create", { Name: "/../" })),
      missing: await codeOf(client.delete("/volumes/vol")),
    },
    { there: "vol", gone: undefined, refused: "ENGINE_REFUSED", missing: "ENGINE_REFUSED" },
  );
});

test("kept connections outlive neither the engine nor a question", { skip }, async (t) => {
  const client = openEngineClient(engine.socket);
  t.after(() => client.close());
  const stream = await client.stream("/events", new AbortController().signal);
  const ended = new Promise((resolve) => stream.on("error", () => undefined).on("close", () => resolve("ended")));
  await Promise.all(["/version", "/info"].map((path) => client.get(path)));
  await engine.kill();
  const events = await ended;
  const away = await codeOf(client.get("/version"));
  const notOpened = await codeOf(client.stream("/events", new AbortController().signal));
  await engine.start();
  const back = textAt(await client.get("/version"), "Version");
  assert.deepEqual(
    { events, away, notOpened, back },
    { events: "ended", away: "ENGINE_UNREACHABLE", notOpened: "ENGINE_UNREACHABLE", back: engine.version },
  );
});

/** A server that reads each request's head and then does what the test wants with the socket. */
async function serve(
  t: TestContext,
  onRequest: (socket: Socket, head: string) => void,
  limits: Partial<EngineClientLimits> = {},
): Promise<EngineClient> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-client-"));
  const path = join(folder, "docker.sock");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => onRequest(socket, bytes.toString("latin1")));
  });
  await once(server.listen(path), "listening");
  const client = openEngineClient(path, { maxAnswerBytes: 1024, timeoutMs: 30_000, maxConnections: 4, ...limits });
  t.after(async () => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return client;
}

const answer = (body: string, more = ""): string =>
  `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

test("an engine that says nothing, too much, or no JSON is no reason to wait, to fill memory or to guess", async (t) => {
  const silent = await serve(t, () => undefined, { timeoutMs: 200 });
  const endless = await serve(t, (socket) => socket.write(answer(JSON.stringify("x".repeat(2_000)))));
  const garbled = await serve(t, (socket) => socket.write(answer("<html>")));
  const half = await serve(t, (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"));
  assert.deepEqual(
    {
      silent: await codeOf(silent.get("/info")),
      silentStream: await codeOf(silent.stream("/events", new AbortController().signal)),
      endless: await codeOf(endless.get("/info")),
      garbled: await codeOf(garbled.get("/info")),
      half: await codeOf(half.get("/info")),
    },
    {
      silent: "ENGINE_UNREACHABLE",
      silentStream: "ENGINE_UNREACHABLE",
      endless: "LIMIT_EXCEEDED",
      garbled: "ENGINE_ANSWER_INVALID",
      half: "ENGINE_UNREACHABLE",
    },
  );
});

test("a question that met a dead connection is asked again, one that changes something never is", async (t) => {
  const heard: string[] = [];
  let isDying = false;
  const client = await serve(t, (socket, head) => {
    heard.push(head.split(" ", 2).join(" "));
    if (!isDying) return socket.write(answer("{}", "Connection: keep-alive\r\n"));
    isDying = false;
    return socket.destroy();
  });
  await client.get("/1");
  isDying = true;
  const again = await codeOf(client.get("/2"));
  isDying = true;
  const once = await codeOf(client.post("/3", {}));
  assert.deepEqual(
    { again, once, heard },
    { again: "answered", once: "ENGINE_UNREACHABLE", heard: ["GET /1", "GET /2", "GET /2", "POST /3"] },
  );
});

test("a stream that the caller ends is ended at the engine too", async (t) => {
  let closed = (): void => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const client = await serve(t, (socket) => {
    socket.on("close", () => closed());
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n");
  });
  const stop = new AbortController();
  const stream = await client.stream("/events", stop.signal);
  stream.on("error", () => undefined);
  stop.abort();
  await isClosed;
  assert.equal(stream.destroyed, true);
});
