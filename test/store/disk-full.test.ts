// A disk that is really full: a file system of two megabytes, mounted for the test.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { PlimsollError } from "../../src/base/errors.ts";
import type { AuditOpening } from "../../src/model/audit.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { closeStores, completed, logRequests, opening, readAll, refused, startStore } from "./records.ts";

const skip = process.getuid?.() === 0 ? false : "mounting needs root";
const reserveBytes = 256 * 1024;

test("with a full disk, enforce refuses new requests, and those let through before still get their end", {
  skip,
}, async (t) => {
  const disk = smallDisk(t);
  const told: string[] = [];
  const onProblem = (cause: unknown): void => void told.push(String(cause));
  const store = await startStore({ folder: disk.state, reserveBytes, nowMs: disk.nowMs, onProblem });
  await logRequests(store, 100);
  const before = await openSome(store, 40, { mode: "enforce" });
  disk.fill();
  const late = await openUntilRefused(store);
  const denied = await codeOf(store.audit.open(opening({ mode: "enforce" })));
  for (const request of [...before, ...late]) await store.audit.close(request, completed);
  const full = { isFull: store.audit.isFull(), open: store.audit.openRequests(), lost: store.audit.lost(), denied };
  disk.free();
  const again = opening({ mode: "enforce" });
  await store.audit.open(again);
  await store.audit.close(again, completed);
  await store.close();
  const records = await readAll(disk.state);
  const { problems } = verifyLog({ folder: disk.state });
  assert.deepEqual(
    told.map((notice) => notice.split(" ").slice(0, 5).join(" ")),
    ["the audit log is full", "the audit log has room"],
  );
  assert.deepEqual(full, { isFull: true, open: 0, lost: 0, denied: "AUDIT_UNAVAILABLE" });
  assert.deepEqual(
    {
      ends: [...before, ...late].filter(
        ({ id }) => !records.some((record) => record.id === id && record.end === "complete"),
      ),
      notes: records
        .filter(({ method }) => method === "")
        .map(({ rules, facts }) => [rules[0]?.id, facts["refused"], facts["lost"]]),
      newest: records.at(-1)?.id,
      problems,
    },
    {
      ends: [],
      notes: [
        ["audit/full", undefined, undefined],
        ["audit/room-again", 2, 0],
      ],
      newest: again.id,
      problems: [],
    },
  );
});

test("with a full disk, observe and warn let requests pass, count them, and the log tells how many", {
  skip,
}, async (t) => {
  const disk = smallDisk(t);
  const store = await startStore({ folder: disk.state, reserveBytes, nowMs: disk.nowMs });
  disk.fill();
  await openUntilRefused(store);
  for (const mode of ["observe", "warn", "observe"] as const) {
    const request = opening({ mode });
    await store.audit.open(request);
    await store.audit.close(request, completed);
  }
  const denied = await codeOf(store.audit.close(opening({ mode: "enforce", verdict: "deny" }), refused));
  const lost = store.audit.lost();
  disk.free();
  await logRequests(store, 1, { mode: "observe" });
  await store.close();
  const note = (await readAll(disk.state)).find(({ rules }) => rules[0]?.id === "audit/room-again");
  assert.deepEqual([denied, lost, note?.facts["lost"], note?.facts["refused"]], ["AUDIT_UNAVAILABLE", 3, 3, 1]);
});

test("an operator may choose to be served without a record instead", { skip }, async (t) => {
  const disk = smallDisk(t);
  const store = await startStore({ folder: disk.state, reserveBytes, nowMs: disk.nowMs, onFull: "serve" });
  disk.fill();
  for (let count = 0; !store.audit.isFull() && count < 5000; count++) await store.audit.open(opening());
  const request = opening({ mode: "enforce" });
  await store.audit.open(request);
  await store.audit.close(request, completed);
  assert.deepEqual([store.audit.isFull(), store.audit.lost()], [true, 1]);
});

test("ends that not even the reserve takes are written when there is room, or read as interrupted after a crash", {
  skip,
}, async (t) => {
  const disk = smallDisk(t);
  const store = await startStore({ folder: disk.state, reserveBytes: 0, nowMs: disk.nowMs });
  const pending = await openSome(store, 8, { mode: "observe" });
  disk.fill();
  await openUntilRefused(store);
  const facts = { padding: "x".repeat(50_000) };
  for (const request of pending) await store.audit.close({ ...request, facts }, completed);
  const stillOpen = store.audit.openRequests();
  disk.free();
  await logRequests(store, 1);
  await store.close();
  const records = await readAll(disk.state);
  assert.deepEqual(
    [
      stillOpen > 0,
      pending.filter(({ id }) => !records.some((record) => record.id === id && record.end === "complete")),
    ],
    [true, []],
  );
});

test("a disk that fills up before the database took what was promised loses none of it", { skip }, async (t) => {
  const disk = smallDisk(t);
  const store = await startStore({ folder: disk.state, reserveBytes: 0, nowMs: disk.nowMs, onProblem: () => {} });
  const promised = await openSome(store, 60, { mode: "enforce" });
  for (const request of promised) await store.audit.close(request, completed);
  disk.fill();
  store.audit.flush();
  const denied = await codeOf(store.audit.open(opening({ mode: "enforce" })));
  const full = { isFull: store.audit.isFull(), size: store.audit.size() >= promised.length, denied };
  disk.free();
  await logRequests(store, 1);
  await store.close();
  const ids = (await readAll(disk.state)).map(({ id }) => id);
  assert.deepEqual(
    [
      full,
      promised.filter(({ id }) => ids.filter((one) => one === id).length !== 1),
      verifyLog({ folder: disk.state }).problems,
    ],
    [{ isFull: true, size: true, denied: "AUDIT_UNAVAILABLE" }, [], []],
  );
});

test("starting on a full disk is one sentence, and leaves nothing open", { skip }, async (t) => {
  const disk = smallDisk(t);
  disk.fill();
  await assert.rejects(openStore({ folder: disk.state, reserveBytes }), (thrown) => {
    assert.ok(thrown instanceof PlimsollError);
    assert.match(`${thrown.code} ${thrown.hint}`, /^(STORE|AUDIT)_UNAVAILABLE .*room/);
    return true;
  });
  disk.free();
  await startStore({ folder: disk.state, reserveBytes });
});

type SmallDisk = { readonly state: string; readonly nowMs: () => number; fill(): void; free(): void };

/** The clock jumps when there is room again, so that nobody waits for the next attempt. */
function smallDisk(t: TestContext): SmallDisk {
  const mount = mkdtempSync(join(tmpdir(), "plimsoll-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", mount]);
  t.after(async () => {
    await closeStores(mount).finally(() => execFileSync("umount", [mount]));
    rmdirSync(mount);
  });
  const state = join(mount, "state");
  mkdirSync(state);
  const filler = join(mount, "filler");
  let now = Date.now();
  return {
    state,
    nowMs: () => now,
    fill: () => fillWith(filler),
    free() {
      rmSync(filler, { force: true });
      now += 60_000;
    },
  };
}

function fillWith(file: string): void {
  const descriptor = openSync(file, "w");
  try {
    for (let size = 65_536; size > 0; size = Math.floor(size / 2)) writeUntilFull(descriptor, Buffer.alloc(size));
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

async function openSome(store: Store, count: number, changes: Partial<AuditOpening>): Promise<AuditOpening[]> {
  const requests = Array.from({ length: count }, () => opening(changes));
  for (const request of requests) await store.audit.open(request);
  return requests;
}

/** What fits before the disk says no. */
async function openUntilRefused(store: Store): Promise<AuditOpening[]> {
  const accepted: AuditOpening[] = [];
  for (;;) {
    const request = opening({ mode: "enforce" });
    const code = await codeOf(store.audit.open(request));
    if (code === "AUDIT_UNAVAILABLE") return accepted;
    assert.deepEqual([code, accepted.length < 5000], ["", true]);
    accepted.push(request);
  }
}

async function codeOf(work: Promise<void>): Promise<string> {
  return work.then(
    () => "",
    (thrown: unknown) => (thrown instanceof PlimsollError ? thrown.code : String(thrown)),
  );
}
