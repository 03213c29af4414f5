// A client that costs next to nothing: one kept connection, prepared bytes out, the end of the answer looked for in place.

import { connect, type Socket } from "node:net";

export type BenchConnection = {
  /** Sends one request and resolves with the status once the answer is whole. */
  ask(request: Buffer): Promise<{ readonly status: number; readonly text: () => string }>;
  close(): void;
};

export function prepare(method: string, target: string, body?: unknown): Buffer {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
  const type = body === undefined ? "" : "Content-Type: application/json\r\n";
  const length = method === "GET" ? "" : `Content-Length: ${bytes.length}\r\n`;
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: docker\r\n${type}${length}\r\n`), bytes]);
}

export async function openConnection(path: string): Promise<BenchConnection> {
  const socket = await open(path);
  let received: Buffer[] = [];
  let settle: { resolve(answer: Buffer): void; reject(error: Error): void } | undefined;
  socket.on("data", (bytes: Buffer) => {
    received.push(bytes);
    const all = received.length === 1 ? bytes : Buffer.concat(received);
    received = [all];
    if (!isWhole(all)) return;
    received = [];
    settle?.resolve(all);
  });
  socket.on("error", (error) => settle?.reject(error));
  socket.on("close", () => settle?.reject(new Error(`${path}: closed in the middle of an answer`)));
  return {
    async ask(request) {
      const answer = await new Promise<Buffer>((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      });
      return { status: Number(answer.toString("latin1", 9, 12)), text: () => bodyOf(answer) };
    },
    close() {
      settle = undefined;
      socket.destroy();
    },
  };
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function isWhole(bytes: Buffer): boolean {
  const gap = bytes.indexOf("\r\n\r\n");
  if (gap < 0) return false;
  const head = bytes.toString("latin1", 0, gap);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= gap + 4 + Number(length);
  if (/^transfer-encoding: chunked/im.test(head)) return bytes.subarray(-5).toString("latin1") === "0\r\n\r\n";
  return /^HTTP\/1\.1 (?:204|304)/.test(head);
}

function bodyOf(answer: Buffer): string {
  return answer.toString("utf8", answer.indexOf("\r\n\r\n") + 4);
}
