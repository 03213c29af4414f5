import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { ResponsePlan } from "../../../src/gate/call.ts";
import { Refusal } from "../../../src/gate/refusal.ts";
import { archiveTags, imageDocuments } from "../../../src/gate/uploads/image-tags.ts";
import { inspectTar } from "../../../src/gate/uploads/inspect-tar.ts";
import { request } from "../../support/http.ts";
import { type TarFile, tar } from "../../support/tar.ts";
import { type Closing, openDoor, type Serve, startFakeEngine } from "./support.ts";

const megabyte = 1024 * 1024;

/** Loads of images; those that set a name with `victim` are refused at their end. */
function loading(plan: ResponsePlan = { kind: "pass" }): Serve {
  return async (exchange, record) => {
    const inspect = inspectTar({
      documents: imageDocuments,
      isStrict: true,
      async onSummary(summary) {
        if (!archiveTags(summary).some((name) => name.includes("victim"))) return;
        throw new Refusal({
          code: "ACCESS_DENIED",
          status: 403,
          rule: "test/load",
          reason: "not yours",
          hint: "do not",
        });
      },
    });
    const { method, target } = exchange.head;
    const load = { method, target, headers: {}, body: { kind: "stream", inspect } } as const;
    try {
      return await exchange.forward(load, plan, record);
    } catch (error) {
      return await exchange.refuse(error instanceof Refusal ? error.status : 400, String(error));
    }
  };
}

type Seen = { readonly bytes: number; readonly hash: string; readonly isWhole: boolean };

/** Reads uploads to their end and answers with their hash. */
async function startHashingEngine(t: Closing) {
  const seen: Seen[] = [];
  const engine = await startFakeEngine(t, (upload, response) => {
    const hash = createHash("sha256");
    let bytes = 0;
    upload.on("data", (piece: Buffer) => {
      hash.update(piece);
      bytes += piece.length;
    });
    const tell = (isWhole: boolean): void => void seen.push({ bytes, hash: hash.copy().digest("hex"), isWhole });
    upload.on("end", () => {
      tell(true);
      response.end(JSON.stringify({ bytes }));
    });
    upload.on("error", () => tell(false));
  });
  return { ...engine, seen };
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The same each time, and unlike zeros: a byte that is lost or moved changes the hash. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed + 1;
  for (let at = 0; at < length; at += 1) {
    state = (state * 1103515245 + 12345) % 2147483648;
    bytes[at] = state >> 16;
  }
  return bytes;
}

function manifest(name: string): TarFile {
  return { name: "manifest.json", data: JSON.stringify([{ RepoTags: [name] }]) };
}

const sizes = [0, 1, 511, 512, 513, 3 * megabyte, 7, 40_000, 32 * 1024, 65_536, 100, 2 * megabyte + 1, 5000];

test("of a long upload every byte reaches the engine once and in order, whatever the sizes of its files", async (t) => {
  const engine = await startHashingEngine(t);
  const door = await openDoor(t, engine.socket, loading());
  const files = sizes.map((size, at) => ({ name: `f${at}`, data: noise(size, at) }));
  const many = Array.from({ length: 3000 }, (_, at) => ({ name: `s${at}`, data: noise(at % 900, at) }));
  const archives = [[...files, manifest("mine:1")], [manifest("mine:1"), ...files, ...many], many].map(tar);
  const replies = [];
  for (const body of archives) replies.push(await request(door.socket, "POST", "/v1.41/images/load", { body }));
  assert.deepEqual(
    [
      replies.map(({ status, text }) => [status, text]),
      engine.seen,
      door.outcomes.map(({ bytesIn, end }) => [bytesIn, end]),
    ],
    [
      archives.map(({ length }) => [200, JSON.stringify({ bytes: length })]),
      archives.map((bytes) => ({ bytes: bytes.length, hash: hashOf(bytes), isWhole: true })),
      archives.map(({ length }) => [length, "complete"]),
    ],
  );
});

test("a name at the end of a long upload is judged before the engine has the end, and content is no header", async (t) => {
  const engine = await startHashingEngine(t);
  const door = await openDoor(t, engine.socket, loading());
  const hidden = {
    name: "layer",
    data: Buffer.concat([noise(2 * megabyte, 1), tar([manifest("victim:1")]), noise(99, 2)]),
  };
  const load = (files: readonly TarFile[]) => request(door.socket, "POST", "/v1.41/images/load", { body: tar(files) });
  const replies = [await load([hidden, manifest("mine:1")]), await load([hidden, manifest("victim:1")])];
  const cut = Buffer.concat([tar([hidden]).subarray(0, -1024), noise(megabyte, 3)]);
  replies.push(await request(door.socket, "POST", "/v1.41/images/load", { body: cut }));
  while (engine.seen.length < 3) await sleep(10);
  assert.deepEqual(
    [replies.map(({ status }) => status), engine.seen.map(({ isWhole }) => isWhole)],
    [
      [200, 403, 400],
      [true, false, false],
    ],
  );
});

test("an archive without an end mark is judged before the engine has its last byte, short or long, compressed or not", async (t) => {
  const engine = await startHashingEngine(t);
  const door = await openDoor(t, engine.socket, loading());
  const archives = [0, megabyte, 3 * megabyte].flatMap((length) => {
    const layer = { name: "layer", data: noise(length, 4) };
    const whole = [tar([layer, manifest("victim:1")]), tar([manifest("victim:1"), layer])];
    return whole.map((bytes) => bytes.subarray(0, -1024)).flatMap((bytes) => [bytes, gzipSync(bytes, { level: 0 })]);
  });
  const statuses: number[] = [];
  for (const body of archives)
    statuses.push((await request(door.socket, "POST", "/v1.41/images/load", { body })).status);
  while (engine.seen.length < archives.length) await sleep(10);
  assert.deepEqual(
    { statuses: new Set(statuses), whole: engine.seen.filter(({ isWhole }) => isWhole).length },
    { statuses: new Set([403]), whole: 0 },
  );
});

test("an answer that the gate rewrites comes whole after a long upload", async (t) => {
  const lines = Array.from({ length: 500 }, (_, at) => JSON.stringify({ stream: `line ${at}` }));
  const engine = await startFakeEngine(t, (upload, response) => {
    upload.resume();
    upload.on("end", async () => {
      for (const line of lines) {
        response.write(`${line}\n`);
        if (line.length % 2 === 0) await sleep(0);
      }
      response.end();
    });
  });
  const door = await openDoor(t, engine.socket, loading({ kind: "records", change: (value) => value }));
  const body = tar([{ name: "layer", data: noise(2 * megabyte, 1) }]);
  const reply = await request(door.socket, "POST", "/v1.41/images/load", { body });
  assert.deepEqual(
    [reply.status, reply.text.trim().split("\n").length, /Connection: close/i.test(reply.head)],
    [200, lines.length, true],
  );
});

/** Begins an upload of so many bytes, and sends these. */
async function begin(socket: string, announced: number, sent: Uint8Array): Promise<Socket> {
  const caller = connect(socket);
  caller.on("error", () => undefined);
  await once(caller, "connect");
  caller.write(`POST /v1.41/images/load HTTP/1.1\r\nHost: d\r\nContent-Length: ${announced}\r\n\r\n`);
  caller.write(sent);
  return caller;
}

test("a caller that goes away in the middle ends the engine's request, too", async (t) => {
  const engine = await startHashingEngine(t);
  const door = await openDoor(t, engine.socket, loading());
  const body = tar([{ name: "layer", data: noise(6 * megabyte, 1) }]);
  const caller = await begin(door.socket, body.length, body.subarray(0, 3 * megabyte));
  while (caller.writableLength > 0) await sleep(10);
  caller.destroy();
  const [outcome] = await door.settled(1);
  while (engine.seen.length === 0) await sleep(10);
  assert.deepEqual([outcome?.end, engine.seen[0]?.isWhole], ["client-gone", false]);
});

test("what follows a long body on its connection is never read as a request", async (t) => {
  const engine = await startHashingEngine(t);
  const door = await openDoor(t, engine.socket, loading());
  const body = tar([{ name: "layer", data: noise(2 * megabyte, 1) }]);
  const second = Buffer.from("GET /v1.41/smuggled HTTP/1.1\r\nHost: d\r\n\r\n");
  const caller = await begin(door.socket, body.length, Buffer.concat([body, second]));
  let answer = "";
  caller.on("data", (bytes: Buffer) => {
    answer += bytes.toString("latin1");
  });
  await once(caller, "close");
  assert.deepEqual(
    [answer.split("HTTP/1.1").length - 1, engine.requests, engine.seen[0]?.hash],
    [1, ["POST /v1.41/images/load"], hashOf(body)],
  );
});

test("an engine that does not read holds the caller back; one that answers early is heard", async (t) => {
  const answers: (() => void)[] = [];
  const engine = await startFakeEngine(t, (upload, response) => {
    upload.pause();
    answers.push(() => {
      response.writeHead(500, { "Content-Type": "text/plain", Connection: "close" });
      response.end("no room");
    });
  });
  const door = await openDoor(t, engine.socket, loading());
  const body = tar([{ name: "layer", data: noise(16 * megabyte, 1) }]);
  const caller = await begin(door.socket, body.length, body);
  let answer = "";
  caller.on("data", (bytes: Buffer) => {
    answer += bytes.toString("latin1");
  });
  let before = -1;
  while (before !== caller.writableLength) {
    before = caller.writableLength;
    await sleep(200);
  }
  // One write of the whole: Node counts it as waiting until its last byte is in the kernel.
  const isHeldBack = caller.writableLength > 0;
  for (const tell of answers) tell();
  const [outcome] = await door.settled(1);
  while (!answer.includes("no room")) await sleep(10);
  assert.deepEqual([isHeldBack, outcome?.status, (outcome?.bytesIn ?? Number.NaN) < 8 * megabyte], [true, 500, true]);
  caller.destroy();
});
