// The socket of the watch process, for who wants to look: one line of JSON says what is wanted, and lines of JSON follow.
// It only tells; nothing can be changed here. A reader that is too slow loses lines, and is told how many.
//
//   {"ask":"alerts"} {"ask":"events"}   as they happen
//   {"ask":"activity"}                  numbers of each container and of the sensor, every second
//   {"ask":"tiers"} {"ask":"process"}   once

import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { errorText, PlimsollError } from "../../base/errors.ts";
import { decode, literal, object } from "../../base/schema.ts";

const question = object({ ask: literal("alerts", "events", "activity", "tiers", "process") });
type Topic = ReturnType<typeof question>["ask"];

export interface Subscribers {
  /** Cheap when nobody listens: the value is only made then. */
  tell(topic: Topic, value: () => unknown): void;
  has(topic: Topic): boolean;
  close(): void;
}

type Reader = { readonly socket: Socket; readonly topic: Topic; lost: number };

const maxReaders = 32;
const maxQuestionBytes = 1024;
const questionTimeoutMs = 5_000;
/** What one reader may leave unread. */
const maxUnreadBytes = 1 << 20;
const activityEveryMs = 1_000;

export type SubscribersOptions = {
  readonly path: string;
  readonly tiers: () => unknown;
  readonly activity: () => unknown;
};

/** @throws PlimsollError LISTEN_FAILED */
export async function openSubscribers({ path, tiers, activity }: SubscribersOptions): Promise<Subscribers> {
  const readers = new Set<Reader>();
  /** Asked for every event. */
  const wanted: Record<Topic, number> = { alerts: 0, events: 0, activity: 0, tiers: 0, process: 0 };
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    void welcome(socket, (topic) => {
      const reader: Reader = { socket, topic, lost: 0 };
      if (topic === "tiers") return void socket.end(line(tiers()));
      if (topic === "process") return void socket.end(line({ kind: "process", pid: process.pid }));
      readers.add(reader);
      wanted[topic]++;
      socket.once("close", () => {
        readers.delete(reader);
        wanted[topic]--;
      });
      if (topic === "activity") send(reader, activity());
    });
  });
  server.maxConnections = maxReaders;
  await listenPrivately(server, path);
  const ticking = setInterval(() => {
    for (const reader of readers) if (reader.topic === "activity") send(reader, activity());
  }, activityEveryMs);
  ticking.unref();
  return {
    has: (topic) => wanted[topic] > 0,
    tell(topic, value) {
      let made: unknown;
      for (const reader of readers) {
        if (reader.topic !== topic) continue;
        made ??= value();
        send(reader, made);
      }
    },
    close() {
      clearInterval(ticking);
      for (const { socket } of readers) socket.destroy();
      server.close();
      rmSync(path, { force: true });
    },
  };
}

function send(reader: Reader, value: unknown): void {
  if (reader.socket.writableLength > maxUnreadBytes) {
    reader.lost++;
    return;
  }
  if (reader.lost > 0) reader.socket.write(line({ kind: "lost", count: reader.lost }));
  reader.lost = 0;
  reader.socket.write(line(value));
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

async function welcome(socket: Socket, answer: (topic: Topic) => void): Promise<void> {
  socket.on("error", () => socket.destroy());
  socket.setTimeout(questionTimeoutMs, () => socket.destroy());
  try {
    const text = await firstLine(socket);
    const { ask } = decode(question, JSON.parse(text), { code: "MALFORMED_INPUT", where: "watch socket" });
    socket.setTimeout(0);
    // Whatever else it says is not heard.
    socket.resume();
    answer(ask);
  } catch (thrown) {
    socket.end(line({ kind: "error", what: errorText(thrown) }));
  }
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const hear = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= maxQuestionBytes) return;
      socket.off("data", hear);
      if (end < 0) reject(new Error(`a question of more than ${maxQuestionBytes} bytes`));
      else resolve(text.slice(0, end));
    };
    socket.on("data", hear);
    socket.once("close", () => reject(new Error("nothing was asked")));
  });
}

/** The file is made with mode 0600: there is no moment in which others could open it. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new PlimsollError("LISTEN_FAILED", `${path}: cannot be opened: ${errorText(cause)}`, {
          hint: "choose a runtime folder that this user may write, with a path shorter than 90 characters",
          cause,
        }),
      ),
    );
    server.once("listening", resolve);
    const before = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
}
