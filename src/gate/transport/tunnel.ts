// The connection becomes a two-way stream of bytes, after the engine agreed and not before: 101, or 200 with a raw stream
// (attach and exec, with and without an Upgrade header; attach/ws; BuildKit's sessions). Each side may end its half alone:
// `docker run -i` sends the end of its input and still wants the output. There is no time-out.

import type { Socket } from "node:net";
import type { AnswerHead } from "./answer-head.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { headerValue } from "./headers.ts";

const rawStreams: ReadonlySet<string> = new Set([
  "application/vnd.docker.raw-stream",
  "application/vnd.docker.multiplexed-stream",
]);

/** How long a caller may keep its side open after the engine ended its own. */
const lingerMs = 10_000;

/** The head of an answer that ends HTTP on its connection. Logs have the same type on newer engines, but come in chunks. */
export function isAgreement(head: AnswerHead): boolean {
  return (
    head.status === 101 || (head.status === 200 && head.framing === "until-close" && rawStreams.has(head.contentType))
  );
}

export function agreementHeaders(head: AnswerHead): string[] {
  const headers = [...head.endToEnd];
  if (head.status !== 101) return headers;
  headers.push("Connection", "Upgrade");
  const upgrade = headerValue(head.rawHeaders, "upgrade");
  if (upgrade !== undefined) headers.push("Upgrade", upgrade);
  return headers;
}

export type Tunnel = {
  /** Bytes from the engine; valid during the call. */
  write(piece: Buffer): void;
  /** The engine ended its side: so do we, and the caller gets a while to do the same. */
  end(): void;
};

/** Joins both connections; the caller has just been told of the engine's agreement. */
export function openTunnel(caller: Socket, connection: EngineConnection, counts: { bytesIn: number }): Tunnel {
  const engine = connection.socket;
  caller.on("data", (bytes: Buffer) => {
    counts.bytesIn += bytes.length;
    if (engine.writable && !engine.write(bytes)) caller.pause();
  });
  engine.on("drain", () => caller.resume());
  caller.on("drain", () => connection.resume());
  caller.on("end", () => engine.end());
  caller.resume();
  return {
    write(piece) {
      if (!caller.write(Buffer.from(piece))) connection.pause();
    },
    end() {
      caller.end();
      const timer = setTimeout(() => caller.destroy(), lingerMs);
      timer.unref();
      caller.once("close", () => {
        clearTimeout(timer);
        connection.destroy();
      });
      if (caller.destroyed) connection.destroy();
    },
  };
}
