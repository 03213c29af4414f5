// kill -9 in mid-write, several times over: nothing that was acknowledged is lost, and nothing is recorded twice.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { AuditRecord } from "../../src/model/audit.ts";
import { readAudit } from "../../src/store/read-audit.ts";
import { verifyLog } from "../../src/store/verify-log.ts";
import { opening, readAll, startStore, temporaryFolder } from "./records.ts";

test("a killed process loses no record that it acknowledged", async (t) => {
  const folder = temporaryFolder(t);
  const told: string[] = [];
  for (const lines of [400, 1, 900]) told.push(...(await runUntilKilled(folder, lines)));
  const store = await startStore({ folder });
  const records = await readAll(folder);
  await store.close();
  const ends = Map.groupBy(records, (record: AuditRecord) => record.id);
  const of = (what: string): string[] =>
    told.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  const { problems } = verifyLog({ folder });
  assert.deepEqual(
    {
      closedWithoutRecord: of("close").filter((id) => ends.get(id)?.[0]?.end !== "complete"),
      openedWithoutRecord: of("open").filter((id) => !ends.has(id)),
      recordedTwice: [...ends].filter(([, all]) => all.length > 1).map(([id]) => id),
      neverOpened:
        records.filter((record) => record.end === "complete" && !of("open").includes(record.id)).map(({ id }) => id)
          .length > 0,
      claimsLost: of("claim").filter((id) => store.ledger.owners("exec", id).length === 0),
      problems,
    },
    {
      closedWithoutRecord: [],
      openedWithoutRecord: [],
      recordedTwice: [],
      neverOpened: false,
      claimsLost: [],
      problems: [],
    },
  );
  assert.ok(told.length >= 1301 && records.some((record) => record.end === "interrupted"));
});

test("while another process holds the folder its pid is named, and its death sets the folder free", async (t) => {
  const folder = temporaryFolder(t);
  const program = join(import.meta.dirname, "programs", "log-until-killed.ts");
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("close ")) break;
  await assert.rejects(startStore({ folder }), {
    code: "ALREADY_RUNNING",
    message: `${folder}: held by another plimsoll (pid ${child.pid})`,
  });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { id } of readAudit({ folder, follow: stop.signal })) {
    seen.push(id);
    stop.abort();
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  await startStore({ folder });
  assert.ok(seen.length > 0);
});

test("a line that a dying process could not finish is not taken for a request", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  const request = opening();
  await first.audit.open(request);
  await first.close();
  appendFileSync(join(folder, "journal"), '0badcafe {"action":"container.create","caller":{"gro');
  await startStore({ folder });
  assert.deepEqual(
    (await readAll(folder)).map(({ id, end, status }) => ({ id, end, status })),
    [{ id: request.id, end: "interrupted", status: 0 }],
  );
});

test("lines that a power cut left unreadable are told, and plimsoll starts", async (t) => {
  const folder = temporaryFolder(t);
  const first = await startStore({ folder });
  const request = opening();
  await first.audit.open(request);
  await first.close();
  appendFileSync(join(folder, "journal"), Buffer.concat([Buffer.alloc(100), Buffer.from("\n{}\n")]));
  const told: unknown[] = [];
  await startStore({ folder, onProblem: (cause) => told.push(cause) });
  assert.deepEqual(
    [
      (await readAll(folder)).map(({ id }) => id),
      told.map((notice) => /: 2 lines cannot be read/.test(String(notice))),
    ],
    [[request.id], [true]],
  );
});

/** @returns the lines that reached us before and after the kill */
async function runUntilKilled(folder: string, lineCount: number): Promise<string[]> {
  const program = join(import.meta.dirname, "programs", "log-until-killed.ts");
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const exited = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === lineCount) child.kill("SIGKILL");
  }
  assert.deepEqual(await exited, [null, "SIGKILL"]);
  return lines;
}
