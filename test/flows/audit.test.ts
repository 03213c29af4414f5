// The audit log of a real gate before a real engine: one record for every request, no secret in any of them, nothing lost
// when the gate is killed, and a full disk that lets nothing through unrecorded.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { textAt } from "../../src/base/reading.ts";
import type { AuditRecord } from "../../src/model/audit.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { startEngine, type TestEngine, whyNoEngine } from "../support/engine.ts";
import { startGate, type TestGate } from "../support/gate.ts";
import { raw, request, requestBytes } from "../support/http.ts";
import { makeImage } from "../support/images.ts";
import { tar } from "../support/tar.ts";

const skip = whyNoEngine() ?? false;

let engine: TestEngine;
let gate: TestGate;

before(async () => {
  if (skip !== false) return;
  engine = await startEngine();
  await makeImage(engine.socket);
  gate = await startGate(engine);
});

after(async () => {
  await gate?.close();
  await engine?.close();
});

test("every request leaves exactly one record, whatever became of it", { skip }, async () => {
  const since = Date.now();
  const sent: string[] = [];
  const send = async (method: string, target: string, body?: unknown): Promise<string> => {
    sent.push(`${method} ${target.split("?")[0]}`);
    const reply = await request(gate.socket, method, target, body === undefined ? {} : { body });
    return textAt(reply.json, "Id");
  };
  const id = await send("POST", "/v1.41/containers/create?name=audited", {
    Image: "bb:1",
    Cmd: ["sleep", "60"],
    StopTimeout: 0,
  });
  await send("POST", `/v1.41/containers/${id}/start`);
  await send("POST", "/v1.41/containers/create", { Image: "bb:1", HostConfig: { Privileged: true } });
  await send("POST", "/v1.41/containers/create", "{ not json");
  await send("POST", "/v1.41/containers/create", '{"Image":"bb:1","image":"bb:1"}');
  await send("GET", "/v1.41/containers/no-such-container/json");
  await send("GET", "/v1.41/no/such/route");
  await send("GET", "/v1.41/containers/json?all=1");
  await send("HEAD", "/_ping");
  await send("PATCH", "/v1.41/containers/audited");
  const exec = await send("POST", "/v1.41/containers/audited/exec", { Cmd: ["echo", "hello"], AttachStdout: true });
  await send("POST", `/v1.41/exec/${exec}/start`, {});
  await Promise.all(Array.from({ length: 40 }, (_, index) => send("GET", `/v1.41/containers/wanted-${index}/json`)));
  sent.push(...(await threeOnOneConnection()));
  sent.push(await leaveInTheMiddle());
  await send("DELETE", "/v1.41/containers/audited?force=1");
  const records = await settledRecords(since, sent.length);
  assert.deepEqual(records.map(shortly).sort(), sent.map((line) => line.replace("/v1.41", "")).sort());
  assert.deepEqual(records.filter((record) => record.end === "refused" && record.status < 400).map(shortly), []);
});

test("the record of a refused call has the bytes that came with it", { skip }, async () => {
  const since = Date.now();
  const bodies = [
    JSON.stringify({ Image: "bb:1", HostConfig: { Privileged: true } }),
    '{"Image":"bb:1","image":"bb:1"}',
    "{ not json",
  ];
  for (const body of bodies) await request(gate.socket, "POST", "/v1.41/containers/create", { body });
  const records = await settledRecords(since, bodies.length);
  assert.deepEqual(
    records.map(({ end, bytesIn }) => ({ end, bytesIn })).sort((one, other) => one.bytesIn - other.bytesIn),
    bodies.map((body) => ({ end: "refused", bytesIn: body.length })).sort((one, other) => one.bytesIn - other.bytesIn),
  );
});

test("no secret of a request is anywhere in the state folder or in what plimsoll says", { skip }, async () => {
  const secret = `plant${randomBytes(12).toString("hex")}`;
  const auth = Buffer.from(JSON.stringify({ username: "u", password: secret })).toString("base64");
  const headers = {
    "X-Registry-Auth": auth,
    "X-Registry-Config": auth,
    Authorization: `Bearer ${secret}`,
    Cookie: `session=${secret}`,
  };
  const create = { Image: "bb:1", Env: [`PASSWORD=${secret}`], Cmd: ["true"], Healthcheck: { Test: ["NONE"] } };
  const attempts: readonly (readonly [string, string, unknown])[] = [
    ["POST", "/v1.41/containers/create?name=secretive", create],
    ["POST", "/v1.41/containers/create", { ...create, HostConfig: { Privileged: true } }],
    ["POST", "/v1.41/containers/create", { ...create, NoSuchField: secret }],
    ["POST", "/v1.41/containers/create", { ...create, Memory: secret }],
    [
      "POST",
      "/v1.41/containers/create",
      { ...create, HostConfig: { LogConfig: { Type: "json-file", Config: { "no-such": secret } } } },
    ],
    ["POST", "/v1.41/containers/create", `{"Image":"bb:1","Env":["A=${secret}"`],
    ["POST", "/v1.41/containers/create", `{"Image":"bb:1","Env":["A=${secret}"]} ${secret}`],
    ["POST", "/v1.41/containers/create", `{"Env":["A=${secret}"],"Env":["B=${secret}"]}`],
    ["POST", "/v1.41/containers/secretive/exec", { Cmd: ["true"], Env: [`TOKEN=${secret}`] }],
    ["POST", "/v1.41/containers/secretive/update", { Memory: secret }],
    ["POST", "/v1.41/auth", { username: "u", password: secret, serveraddress: "http://127.0.0.1:9" }],
    ["POST", "/v1.41/images/create?fromImage=127.0.0.1:9/x&tag=1", undefined],
    [
      "POST",
      `/v1.41/build?buildargs=${encodeURIComponent(JSON.stringify({ TOKEN: secret }))}`,
      tar([{ name: "Dockerfile", data: "FROM bb:1\n" }]),
    ],
    ["POST", `/v1.41/build?remote=${encodeURIComponent(`https://u:${secret}@127.0.0.1:9/x`)}`, undefined],
    ["POST", `/v1.41/images/create?fromSrc=${encodeURIComponent(`https://u:${secret}@127.0.0.1:9/x`)}`, undefined],
    ["POST", "/v1.41/secrets/create", { Name: "s", Data: Buffer.from(secret).toString("base64") }],
    [
      "POST",
      "/v1.41/volumes/create",
      { Name: "v", DriverOpts: { type: "cifs", o: `password=${secret}`, device: "//x/y" } },
    ],
    ["GET", `/v1.41/containers/json?token=${secret}`, undefined],
    ["GET", `/v1.41/no/such/route?token=${secret}`, undefined],
    ["GET", `/v1.41//containers/json?token=${secret}`, undefined],
    ["GET", `/v1.41/containers/json?limit=${secret}`, undefined],
    ["GET", `/v1.41/containers/json?filters=${encodeURIComponent(JSON.stringify({ label: [secret, 7] }))}`, undefined],
    [
      "POST",
      `/v1.41/build?remote=${encodeURIComponent(`git://${secret}:x@127.0.0.1:9/x.git#main:dir`)}&dockerfile=D`,
      undefined,
    ],
    ["GET", `http://u:${secret}@docker/v1.41/containers/json`, undefined],
  ];
  const since = Date.now();
  for (const [method, target, body] of attempts) {
    await request(gate.socket, method, target, body === undefined ? { headers } : { body, headers });
  }
  const records = await settledRecords(since, attempts.length);
  const spellings = [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    auth,
    auth.slice(24, 60),
  ];
  const found = filesBelow(gate.folder).filter((file) => {
    const bytes = readFileSync(file);
    return spellings.some((spelling) => bytes.includes(spelling));
  });
  assert.deepEqual([records.length, found], [attempts.length, []]);
  assert.ok(filesBelow(gate.folder).some((file) => readFileSync(file).includes("/containers/secretive/exec")));
});

test("a gate that is killed leaves a record for what was open, and the log verifies", { skip }, async () => {
  const since = Date.now();
  const stream = await openEvents();
  await request(gate.socket, "GET", "/v1.41/containers/json");
  await gate.kill();
  stream.destroy();
  await gate.start();
  await request(gate.socket, "GET", "/v1.41/images/json");
  const records = await settledRecords(since, 3);
  const { problems } = verifyLog({ folder: join(gate.folder, "state") });
  assert.deepEqual(
    [records.map(({ action, end }) => `${action} ${end}`).sort(), problems],
    [["container.list complete", "image.list complete", "system.events interrupted"], []],
  );
});

test("with a full disk nothing reaches the engine unrecorded, and calls go on when there is room", {
  skip,
}, async (t) => {
  const disk = mkdtempSync(join(tmpdir(), "plimsoll-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", disk]);
  const full = await startGate(engine, { configuration: { state: join(disk, "state") } });
  t.after(async () => {
    await full.close();
    execFileSync("umount", [disk]);
    rmdirSync(disk);
  });
  const create = async (name: string): Promise<number> => {
    const body = { Image: "bb:1", Cmd: ["true"] };
    return (await request(full.socket, "POST", `/v1.41/containers/create?name=${name}`, { body })).status;
  };
  const before = await create("full-before");
  fillUp(join(disk, "filler"));
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503 && statuses.length < 3000) statuses.push(await create(`full-${statuses.length}`));
  const unrecorded = `full-${statuses.length - 1}`;
  const refusal = (await request(full.socket, "GET", "/v1.41/containers/json")).text;
  const reached = (await request(engine.socket, "GET", `/containers/${unrecorded}/json`)).status;
  rmSync(join(disk, "filler"));
  await sleep(1500);
  const later = await create("full-after");
  assert.deepEqual([before, statuses.at(-1), reached, later], [201, 503, 404, 201]);
  assert.match(refusal, /audit log cannot take a record/);
  const notes = (await full.recorded()).filter(({ method }) => method === "");
  const rules = notes.map(({ rules: [rule] }) => rule?.id);
  assert.deepEqual(rules, ["audit/full", "audit/room-again"]);
});

/** Three requests in one piece; the second is refused. */
async function threeOnOneConnection(): Promise<string[]> {
  const lines = ["GET /v1.41/volumes", "GET /v1.41/plugins", "GET /v1.41/networks"];
  const pieces = lines.map((line) => {
    const [method = "", target = ""] = line.split(" ");
    return requestBytes(method, target, { headers: { Connection: "keep-alive" } });
  });
  const answer = await raw(gate.socket, [Buffer.concat(pieces)], { idleMs: 1500 });
  const answers = answer.toString("latin1").split("HTTP/1.1 ").length - 1;
  // A refusal may end the connection: then what came behind it was never read, and is no request.
  return lines.slice(0, answers);
}

/** Reads the head of a stream that never ends, and goes. */
async function leaveInTheMiddle(): Promise<string> {
  (await openEvents()).destroy();
  return "GET /v1.41/events";
}

async function openEvents(): Promise<Socket> {
  const socket = connect(gate.socket);
  socket.write(requestBytes("GET", "/v1.41/events", { headers: { Connection: "keep-alive" } }));
  await new Promise<void>((resolve, reject) => {
    socket.once("data", () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the stream was closed")));
  });
  socket.on("error", () => undefined);
  return socket;
}

/** Records of streams come after their end: waits until there are enough, and a little longer for those too many. */
async function settledRecords(since: number, count: number): Promise<readonly AuditRecord[]> {
  let records: readonly AuditRecord[] = [];
  for (let attempt = 0; attempt < 100 && records.length < count; attempt++) {
    await sleep(100);
    records = (await gate.recorded(since)).filter((record) => record.method !== "");
  }
  await sleep(300);
  return (await gate.recorded(since)).filter((record) => record.method !== "");
}

function shortly({ method, path }: AuditRecord): string {
  return `${method} ${path.replace(/^\/v1\.41/, "")}`;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

function fillUp(file: string): void {
  const descriptor = openSync(file, "w");
  try {
    for (const size of [1_048_576, 65_536, 4096]) writeUntilFull(descriptor, Buffer.alloc(size));
  } finally {
    closeSync(descriptor);
  }
}

function writeUntilFull(descriptor: number, bytes: Uint8Array): void {
  try {
    for (;;) writeSync(descriptor, bytes);
  } catch (thrown) {
    assert.match(String(thrown), /ENOSPC/);
  }
}
