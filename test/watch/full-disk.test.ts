// A disk without room: alerts are told all the same, what could not be kept is counted and said, and nothing stays half written.
// Evidence has its own test, in responses.test.ts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openWatchStore, readWatchStore } from "../../src/store/watch-store.ts";
import { outputs } from "../../src/watch/outputs.generated.ts";
import { createAlertBook } from "../../src/watch/service/alert-book.ts";
import { eventually } from "../support/eventually.ts";
import { anAlert } from "../support/watch.ts";

const skip = process.getuid?.() === 0 ? false : "needs root to mount a small disk";

/** A disk of its own. @returns its folder, and how to fill it to the last byte and to make room again */
function smallDisk(t: TestContext, size: string): { folder: string; fill: () => void; free: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  t.after(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmdirSync(folder);
  });
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const fd = openSync(filler, "a");
      try {
        for (;;) writeSync(fd, Buffer.alloc(512));
      } catch {
        // no room: what was wanted
      } finally {
        closeSync(fd);
      }
    },
    free: () => rmSync(filler),
  };
}

test("alerts that the database has no room for are told, counted, and said once", { skip }, (t) => {
  const disk = smallDisk(t, "4m");
  const store = openWatchStore(disk.folder);
  t.after(() => store.close());
  const notices: string[] = [];
  const told: string[] = [];
  const book = createAlertBook({ store, notice: (text) => notices.push(text) });
  book.onAlert(({ id }) => told.push(id));
  const alert = (number: number): ReturnType<typeof anAlert> =>
    anAlert({ id: `01KAQ7Y5D0${String(number).padStart(16, "0")}`, message: "x".repeat(100_000) });
  book.add(alert(0));
  disk.fill();
  for (let number = 1; number <= 50; number++) book.add(alert(number));
  const { unrecorded } = book.counts();
  disk.free();
  book.add(alert(51));
  const reader = readWatchStore(disk.folder);
  t.after(() => reader.close());
  assert.deepEqual(
    {
      told: told.length,
      some: unrecorded > 0,
      afterwards: book.counts().unrecorded - unrecorded,
      said: notices.map((text) => text.replace(disk.folder, "")),
      first: reader.incidents(10).at(-1)?.first.id,
      last: book.counts().byRule.get("reverse-shell critical detected"),
    },
    {
      ...{ told: 52, some: true, afterwards: 0, first: alert(0).id, last: 52 },
      said: ["watch: alerts are not recorded any more: /watch.db: cannot be written: database or disk is full"],
    },
  );
});

test("alerts that a webhook has no room to keep are counted as lost, and later ones arrive", { skip }, async (t) => {
  const disk = smallDisk(t, "256k");
  const received: string[] = [];
  let isOpen = false;
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      if (isOpen) received.push(JSON.parse(body)["event.id"]);
      answer.writeHead(isOpen ? 200 : 503).end();
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const webhook = outputs.find(({ name }) => name === "webhook");
  assert.ok(webhook !== undefined);
  const address = server.address();
  const port = isAddress(address) ? address.port : 0;
  const opened = webhook.open(
    { kind: "webhook", to: `http://127.0.0.1:${port}/alerts`, secretFile: "" },
    { spoolFolder: disk.folder, hostName: "host", version: "1", write: () => true, onProblem: () => undefined },
  );
  t.after(() => opened.close());
  const id = (number: number): string => `01KAQ7Y5D0${String(number).padStart(16, "0")}`;
  opened.tell(anAlert({ id: id(0) }));
  disk.fill();
  opened.tell(anAlert({ id: id(1) }));
  const lost = opened.lost();
  disk.free();
  opened.tell(anAlert({ id: id(2) }));
  isOpen = true;
  await eventually(
    () => received.length,
    (count) => count === 2,
  );
  const [folder = ""] = readdirSync(disk.folder);
  assert.deepEqual(
    { lost, received, left: readdirSync(join(disk.folder, folder)) },
    { lost: 1, received: [id(0), id(2)], left: [] },
  );
});

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}
