// A socket in front of an engine's whose event streams a test can cut or mute, while every other call goes on.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type EventCutter = {
  readonly socket: string;
  /** Ends the event streams, and answers no new one. */
  readonly cut: () => void;
  /** Event streams stay open, and tell nothing more: whoever trusts them is blind and does not know it. */
  readonly mute: () => void;
  /** New event streams are answered again. */
  readonly mend: () => void;
  /** Event streams that were asked for so far. */
  readonly asked: () => number;
  readonly close: () => Promise<void>;
};

export async function cutEvents(engineSocket: string): Promise<EventCutter> {
  const folder = await mkdtemp(join(tmpdir(), "plimsoll-cut-"));
  const socket = join(folder, "docker.sock");
  const streams = new Set<Socket>();
  const all = new Set<Socket>();
  let isCut = false;
  let isMute = false;
  let asked = 0;
  const server = createServer((caller) => {
    all.add(caller);
    const engine = connect(engineSocket);
    caller.on("data", (bytes) => {
      if (!bytes.subarray(0, 12).toString("latin1").startsWith("GET /events")) return;
      asked++;
      streams.add(caller);
      if (isCut) caller.destroy();
    });
    caller.pipe(engine);
    engine.on("data", (bytes) => {
      if (!(isMute && streams.has(caller))) caller.write(bytes);
    });
    engine.on("end", () => caller.end());
    for (const one of [caller, engine]) one.on("error", () => undefined);
    caller.on("close", () => engine.destroy());
    engine.on("close", () => caller.destroy());
  });
  await once(server.listen(socket), "listening");
  return {
    socket,
    cut() {
      isCut = true;
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    mute() {
      isMute = true;
    },
    mend() {
      isCut = false;
      isMute = false;
    },
    asked: () => asked,
    async close() {
      for (const one of all) one.destroy();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
