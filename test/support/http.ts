// Requests over a unix socket, byte by byte under the test's control: nothing here corrects what a test wants to send.

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Reply = {
  /** 0 when the peer closed without an answer. */
  readonly status: number;
  /** Status line and headers as received. */
  readonly head: string;
  /** Without chunk framing. */
  readonly body: Buffer;
  readonly text: string;
  /** undefined when the body is not JSON. */
  readonly json: unknown;
};

export type RequestOptions = {
  /** Bytes and strings go as they are, everything else as JSON. */
  readonly body?: unknown;
  /** undefined removes a header that would be sent otherwise (Host, Connection, Content-Type, Content-Length). */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Default 30 s; the reply is then what had come. */
  readonly timeoutMs?: number;
};

/** One request on its own connection, closed by the server after the answer. */
export async function request(
  socket: string,
  method: string,
  target: string,
  options: RequestOptions = {},
): Promise<Reply> {
  const bytes = await raw(socket, [requestBytes(method, target, options)], { timeoutMs: options.timeoutMs ?? 30_000 });
  return parseReply(bytes);
}

/** The request's bytes: HTTP/1.1, Connection: close, JSON unless told otherwise. */
export function requestBytes(method: string, target: string, options: RequestOptions = {}): Buffer {
  const body = bodyBytes(options.body);
  const hasBody = body !== undefined;
  const length = hasBody || (method !== "GET" && method !== "HEAD") ? String(body?.length ?? 0) : undefined;
  const headers = {
    Host: "docker",
    Connection: "close",
    "Content-Type": hasBody ? "application/json" : undefined,
    "Content-Length": length,
    ...options.headers,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  const head = [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head), body ?? Buffer.alloc(0)]);
}

export type RawOptions = {
  /** Gives up after this long; default 10 s. What came so far is the result. */
  readonly timeoutMs?: number;
  /** Ends when nothing came for this long after the last write; absent: waits for the peer to close. */
  readonly idleMs?: number;
  /** Pause between the pieces; default 100 ms. */
  readonly pauseMs?: number;
  /** Ends as soon as the bytes (as latin1) match. */
  readonly until?: RegExp;
  /** Shuts the sending half after the last piece. */
  readonly half?: boolean;
};

/** Writes the pieces, one after the other, and resolves with every byte that came back. Never rejects on a reset. */
export function raw(
  socket: string,
  pieces: readonly (string | Uint8Array)[],
  options: RawOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const peer = connect({ path: socket, allowHalfOpen: true });
    let idle: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(idle);
      clearTimeout(deadline);
      peer.destroy();
      resolve(Buffer.concat(received));
    };
    const deadline = setTimeout(finish, options.timeoutMs ?? 10_000);
    const waitForMore = (): void => {
      clearTimeout(idle);
      if (options.idleMs === undefined) return;
      // A busy engine takes its time before it says anything, and before what is waited for.
      const isExpecting = received.length === 0 || options.until !== undefined;
      idle = setTimeout(finish, options.idleMs * (isExpecting ? 4 : 1));
    };
    peer.on("data", (data) => {
      received.push(data);
      waitForMore();
      if (options.until?.test(Buffer.concat(received).toString("latin1"))) finish();
    });
    peer.on("end", finish);
    peer.on("close", finish);
    peer.on("error", (error: NodeJS.ErrnoException) => {
      if (error.syscall !== "connect") return finish();
      clearTimeout(deadline);
      reject(error);
    });
    peer.on("connect", async () => {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await sleep(options.pauseMs ?? 100);
        if (!peer.writable) return;
        peer.write(piece);
      }
      waitForMore();
      if (options.half === true) peer.end();
    });
  });
}

export function parseReply(bytes: Buffer): Reply {
  const gap = bytes.indexOf("\r\n\r\n");
  const head = gap < 0 ? "" : bytes.subarray(0, gap).toString("latin1");
  const status = Number(/^HTTP\/1\.\d (\d+)/.exec(head)?.[1] ?? 0);
  if (/^HTTP\/1\.\d 1(?!01)\d\d/.test(head)) return parseReply(bytes.subarray(gap + 4));
  const rest = bytes.subarray(gap + 4);
  const body = /^transfer-encoding: chunked/im.test(head) ? dechunk(rest) : rest;
  const text = body.toString("utf8");
  return { status, head, body, text, json: parseJson(text) };
}

/** The bytes of a chunked body; an unfinished one yields what came. */
export function dechunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    const lineEnd = bytes.indexOf("\r\n", position);
    if (lineEnd < 0) break;
    const size = Number.parseInt(bytes.subarray(position, lineEnd).toString("latin1"), 16);
    if (Number.isNaN(size) || size === 0) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/** Both output streams of a container without a terminal, joined; other bytes come back as they are. */
export function demux(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let position = 0;
  while (position + 8 <= bytes.length) {
    if (bytes.readUInt8(position) > 2 || bytes.readUIntBE(position + 1, 3) !== 0) return bytes.toString("utf8");
    const size = bytes.readUInt32BE(position + 4);
    parts.push(bytes.subarray(position + 8, position + 8 + size));
    position += 8 + size;
  }
  return Buffer.concat(parts).toString("utf8");
}

function bodyBytes(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True when somebody listens there. */
export function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect({ path: socket });
    peer.on("connect", () => {
      peer.destroy();
      resolve(true);
    });
    peer.on("error", () => resolve(false));
  });
}
