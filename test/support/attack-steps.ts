// The steps of an attack, each played the way its kind asks for.

import { readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Headers, RawPiece, RequestStep, RunStep, Step } from "./attack.ts";
import type { Bench } from "./attack-runner.ts";
import { demux, parseReply, type Reply, raw, request } from "./http.ts";
import { at, textAt } from "./json.ts";
import { type TarFile, tar } from "./tar.ts";
import type { Variables } from "./variables.ts";

export type StepReply = {
  /** 0: the connection closed without an answer. -1: not played, because what it needs was refused before. */
  readonly status: number;
  /** Rules that Plimsoll named when it refused. */
  readonly rules: readonly string[];
  /** A request of the step was served before another was refused: a create before its start. */
  readonly isPartlyServed?: boolean;
  /** `POST /containers/create: 403 plimsoll: ...` */
  readonly summary: string;
};

export async function playStep(step: Step, bench: Bench, variables: Variables): Promise<StepReply> {
  const socket = bench.sockets[step.as];
  switch (step.kind) {
    case "run":
      return await playRun(step, socket, bench, variables);
    case "request":
      return await playRequest(step, socket, variables);
    case "raw": {
      const pieces = step.raw.flatMap((piece) => rawBytes(piece, variables) ?? []);
      if (pieces.length < step.raw.length) return { status: -1, rules: [], summary: "raw: not played" };
      const until = step.until === undefined ? {} : { until: new RegExp(step.until) };
      const bytes = await raw(socket, pieces, { idleMs: 500, timeoutMs: 8000, ...until });
      const text = bytes.toString("latin1");
      variables.keepOutput(step.save, parseReply(bytes).status, rulesIn(text).length > 0 ? "" : text);
      return { status: parseReply(bytes).status, rules: rulesIn(text), summary: `raw: ${text.slice(0, 300)}` };
    }
    case "await":
      return await playAwait(step.await, step.matches, bench, variables);
    case "host": {
      const [target = "", link = ""] = (step.symlink ?? []).map((path) => variables.fillText(path) ?? "");
      if (link !== "") await symlink(target, link);
      if (step.mkdir !== undefined) await mkdir(variables.fillText(step.mkdir) ?? "", { recursive: true });
      if (step.listen !== undefined) await bench.probe.listen(variables.fillText(step.listen) ?? "");
      return { status: 200, rules: [], summary: "host" };
    }
  }
}

async function playRun(step: RunStep, socket: string, bench: Bench, variables: Variables): Promise<StepReply> {
  const created = await send(socket, "POST", step.path, step.headers, bodyOf(step, variables));
  variables.with(step.save, created.json);
  const id = at(created.json, "Id");
  if (created.status !== 201 || typeof id !== "string") return told(`POST ${step.path}`, created, step.save, variables);
  if (!step.start) {
    const inspected = await request(bench.engine.socket, "GET", `/containers/${id}/json`);
    variables.keepOutput(step.save, created.status, inspected.text);
    return told(`POST ${step.path}`, created, "", variables);
  }
  const start = step.startPath.replace("ID", id);
  const startBody =
    step.startJson === undefined ? undefined : Buffer.from(JSON.stringify(variables.fill(step.startJson)));
  const started = await send(socket, "POST", start, {}, startBody);
  if (started.status !== 204) return { ...told(`POST ${start}`, started, step.save, variables), isPartlyServed: true };
  await request(bench.engine.socket, "POST", `/containers/${id}/wait`, { timeoutMs: 8000 });
  const logs = await request(bench.engine.socket, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
  variables.keepOutput(step.save, 0, demux(logs.body));
  return told(`POST ${step.path}`, created, "", variables);
}

async function playRequest(step: RequestStep, socket: string, variables: Variables): Promise<StepReply> {
  const line = variables.fillText(step.request);
  if (line === undefined) return { status: -1, rules: [], summary: `${step.request}: not played` };
  const space = line.indexOf(" ");
  const [method, target] = [line.slice(0, space), line.slice(space + 1)];
  const body = bodyOf(step, variables);
  const reply = await send(socket, method, target, step.headers, body, step.timeoutMs);
  variables.with(step.save, reply.json);
  return told(line, reply, step.save, variables);
}

async function playAwait(path: string, pattern: string, bench: Bench, variables: Variables): Promise<StepReply> {
  const target = variables.fillText(path);
  const wanted = new RegExp(variables.fillText(pattern) ?? "$^");
  const end = Date.now() + bench.patienceMs;
  for (;;) {
    const reply = target === undefined ? undefined : await request(bench.engine.socket, "GET", target);
    if (reply && wanted.test(reply.text)) return { status: reply.status, rules: [], summary: "came" };
    if (Date.now() >= end) return { status: -1, rules: [], summary: `${path}: never matched` };
    await sleep(100);
  }
}

function told(what: string, reply: Reply, save: string, variables: Variables): StepReply {
  const multiplexed = /application\/vnd\.docker\.(raw|multiplexed)-stream/.test(reply.head);
  const text = multiplexed || reply.body[0] === 1 ? demux(reply.body) : reply.text;
  // What a refusal quotes is no effect of the attack.
  const isRefusal = rulesIn(reply.text).length > 0;
  if (save !== "") variables.keepOutput(save, reply.status, isRefusal ? "" : text);
  return {
    status: reply.status,
    rules: rulesIn(reply.text),
    summary: `${what}: ${reply.status} ${reply.text.slice(0, 300)}`,
  };
}

/** `plimsoll: container.create denied: ... (rule baseline/no-privileged, baseline.cedar:12). ...` */
function rulesIn(text: string): readonly string[] {
  return [...text.matchAll(/plimsoll: [^\n]*?\(rule ([^\s,)]+)/g)].map((match) => match[1] ?? "");
}

async function send(
  socket: string,
  method: string,
  target: string,
  headers: Headers,
  body: Buffer | undefined,
  timeoutMs = 20_000,
): Promise<Reply> {
  const given = Object.entries(headers).map(([name, value]) => [name, value ?? undefined]);
  const type = body === undefined ? undefined : "application/json";
  const all = { "Content-Type": type, ...Object.fromEntries(given) };
  return await request(socket, method, target, { headers: all, timeoutMs, ...(body === undefined ? {} : { body }) });
}

function bodyOf(step: RunStep | RequestStep, variables: Variables): Buffer | undefined {
  if (step.pad !== undefined) variables.with("PAD", "x".repeat(step.pad));
  const bytes = plainBody(step, variables);
  return bytes !== undefined && step.gzip === true ? gzipSync(bytes) : bytes;
}

const endMarkBytes = 1024;

function plainBody(step: RunStep | RequestStep, variables: Variables): Buffer | undefined {
  if (step.text !== undefined) return Buffer.from(variables.fillText(step.text) ?? "");
  if (step.latin1 !== undefined) return Buffer.from(variables.fillText(step.latin1) ?? "", "latin1");
  if (step.tar !== undefined) {
    const archive = tar(tarFiles(variables.fill(step.tar)));
    return step.endless === true ? archive.subarray(0, -endMarkBytes) : archive;
  }
  if (step.json !== undefined) return Buffer.from(JSON.stringify(variables.fill(step.json)));
  return undefined;
}

/** `[{ name, data, from, mode, type, link, magic, prefix }]`; data that is not text becomes JSON; `from` names bytes that are no text. */
function tarFiles(value: unknown): readonly TarFile[] {
  if (!Array.isArray(value)) throw new Error("tar: expected a list of files");
  return value.map((file: unknown) => {
    const from = at(file, "from");
    const data = from === undefined ? at(file, "data") : knownBytes(from);
    const extra = ["mode", "type", "link", "magic", "prefix"].flatMap((key) =>
      at(file, key) === undefined ? [] : [[key, textAt(file, key)]],
    );
    const isPlain = typeof data === "string" || data instanceof Uint8Array;
    const bytes = isPlain ? data : data === undefined ? "" : JSON.stringify(data);
    return { name: textAt(file, "name"), data: bytes, ...Object.fromEntries(extra) };
  });
}

function knownBytes(name: unknown): Uint8Array {
  if (name === "busybox") return readFileSync("/bin/busybox");
  if (name === "empty-tar") return tar([]);
  if (name === "two-megabytes") return Buffer.alloc(2 * 1024 * 1024, 1);
  throw new Error(`tar: there are no bytes called ${name}`);
}

/** undefined when the piece has a name that means nothing yet. */
function rawBytes(piece: RawPiece, variables: Variables): Buffer | undefined {
  const text = typeof piece === "string" ? piece : "latin1" in piece ? piece.latin1 : piece.websocket;
  const filled = variables.fillText(text);
  if (filled === undefined) return undefined;
  if (typeof piece !== "string" && "websocket" in piece) return websocketFrame(filled);
  return Buffer.from(filled, typeof piece === "string" ? "utf8" : "latin1");
}

/** One masked binary frame of up to 125 bytes. Source: RFC 6455, section 5.2. */
function websocketFrame(text: string): Buffer {
  const mask = [1, 2, 3, 4];
  const data = Buffer.from(text);
  const masked = data.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x82, 0x80 | data.length, ...mask]), masked]);
}
