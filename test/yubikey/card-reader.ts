// A reader with a card in it, in a network of its own: pcscd, the virtual reader's driver, and our card at its other end.
// Source: vsmartcard, "virtualsmartcard", protocol of vpcd: two bytes of length, then an APDU or one byte of control.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PivCard } from "./piv-card.ts";

const port = 0x8c7b;
const answerToReset = Buffer.from("3bfd1300008131fe158073c021c057597562694b657940", "hex");
const control = { powerOff: 0, powerOn: 1, reset: 2, answerToReset: 4 };

export type CardReader = {
  insert(card: PivCard): Promise<void>;
  pullOut(): void;
  close(): Promise<void>;
};

/** libykcs11 takes readers for its own whose name begins like this. */
const readerFile = `FRIENDLYNAME "Yubico YubiKey CCID (virtual)"
DEVICENAME /dev/null:0x8C7B
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID 0x8C7B
`;

/** The process has to be in a network of its own: the driver listens on every address. */
export async function startCardReader(): Promise<CardReader> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-reader-"));
  const file = join(folder, "reader.conf");
  writeFileSync(file, readerFile);
  const daemon = spawn("setpriv", ["--pdeathsig=KILL", "pcscd", "--foreground", "--config", file], {
    stdio: "ignore",
  });
  let socket: Socket | undefined;
  return {
    async insert(card) {
      socket = await connected(daemon);
      serve(socket, card);
      await sleep(1500); // pcscd looks for cards once a second
    },
    pullOut: () => socket?.destroy(),
    async close() {
      socket?.destroy();
      const ended = daemon.exitCode === null ? once(daemon, "exit") : undefined;
      daemon.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function connected(daemon: ChildProcess): Promise<Socket> {
  for (let tries = 0; tries < 100 && daemon.exitCode === null; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    if (isOpen) return socket;
    await sleep(100);
  }
  throw new Error(`pcscd did not open the virtual reader (exit code ${daemon.exitCode})`);
}

function serve(socket: Socket, card: PivCard): void {
  let held = Buffer.alloc(0);
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE()) {
      const message = held.subarray(2, 2 + held.readUInt16BE());
      held = held.subarray(2 + message.length);
      const answer = answerTo(message, card, socket);
      if (answer !== undefined) socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length]), answer]));
    }
  });
}

function answerTo(message: Buffer, card: PivCard, socket: Socket): Buffer | undefined {
  if (message.length > 1) {
    try {
      return card.answer(message);
    } catch {
      socket.destroy();
      return undefined;
    }
  }
  if (message[0] === control.answerToReset) return answerToReset;
  card.reset();
  return undefined;
}
