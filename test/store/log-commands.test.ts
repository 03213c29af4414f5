// `plimsoll log ...` on real logs, through the real command line.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { readCheckpoint } from "../../src/store/checkpoint.ts";
import { leafHash } from "../../src/store/merkle.ts";
import { isIncluded } from "../../src/store/proof.ts";
import { run } from "../cli/program.ts";
import { completed, logRequests, opening, refused, startStore, temporaryFolder } from "./records.ts";

async function smallLog(t: TestContext): Promise<{ readonly state: string; readonly denied: string }> {
  const state = temporaryFolder(t);
  const store = await startStore({ folder: state });
  await logRequests(store, 3);
  const denied = opening({ verdict: "deny", reason: "privileged containers reach host root" });
  await store.audit.close(denied, refused);
  await store.close();
  return { state, denied: denied.id };
}

test("tail shows one line a record, and why a call was refused", async (t) => {
  const { state } = await smallLog(t);
  const { code, stdout } = await run(["log", "tail", "-n", "2", "--state", state]);
  const lines = stdout.split("\n");
  assert.deepEqual(
    [
      code,
      lines.length,
      /alice .*container\.create .*web .*allow .*4\.5 ms/.test(lines[0] ?? ""),
      /DENY/.test(lines[1] ?? ""),
      lines[2]?.trim(),
    ],
    [0, 4, true, true, "privileged containers reach host root"],
  );
});

test("tail as JSON gives whole records, filtered", async (t) => {
  const { state, denied } = await smallLog(t);
  const { stdout } = await run(["log", "tail", "--json", "--verdict", "deny", "--state", state]);
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
    [denied],
  );
});

test("names of four kilobytes with escape sequences and line breaks stay on their line", async (t) => {
  const state = temporaryFolder(t);
  const store = await startStore({ folder: state });
  const name = `\u001b[2J\u001b]0;owned\u0007evil\r\n${"🚢\u202e".repeat(1024)}`;
  const hostile = opening({
    verdict: "deny",
    reason: `no\n${name}`,
    path: `/x\n${name}`,
    listener: name,
    resource: { type: "Container", id: "", name, owner: name, isShared: false },
    caller: { id: name, kind: "unix", name, groups: [name], owner: name, provider: name },
    rules: [{ id: name, kind: "policy", file: name, line: 1 }],
    facts: { image: name, [name]: [name] },
  });
  await store.audit.close(hostile, refused);
  await store.close();
  const onTerminal = { isTerminal: true };
  const outputs = [
    await run(["log", "tail", "--state", state], onTerminal),
    await run(["log", "show", hostile.id, "--state", state], onTerminal),
    await run(["log", "tail", "--json", "--state", state], onTerminal),
    await run(["log", "export", "--format", "ocsf", "--state", state], onTerminal),
  ];
  const lines = outputs.map(({ stdout }) => stripVTControlCharacters(stdout).split("\n"));
  assert.deepEqual(
    [lines.map(({ length }) => length - 1), lines.flat().filter((line) => /[\p{C}\p{Zl}\p{Zp}]/u.test(line))],
    [[2, 17, 1, 1], []],
  );
  assert.equal(JSON.parse(lines[2]?.[0] ?? "").facts.image.slice(0, 300), name.slice(0, 300));
  // Colours are ours alone: taken out one by one, nothing of the name's sequences went with them.
  assert.ok(outputs.every(({ stdout }) => !stdout.includes("\u001b[2J") && !stdout.includes("\u001b]0;")));
});

test("show prints who, what, why and what policies saw; an unknown id is an error", async (t) => {
  const { state, denied } = await smallLog(t);
  const shown = await run(["log", "show", denied, "--state", state]);
  const unknown = await run(["log", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--state", state]);
  assert.match(shown.stdout, /rule +baseline\/own-containers \(policies\/baseline\.cedar:12\)/);
  assert.match(shown.stdout, /facts\n(.*\n)* +privileged +false/);
  assert.deepEqual([shown.code, unknown.code, /\[NOT_FOUND\]/.test(unknown.stderr)], [0, 3, true]);
});

test("a record can be proven to somebody who has only the public key", async (t) => {
  const { state, denied } = await smallLog(t);
  const entry = (await run(["log", "show", denied, "--entry", "--state", state])).stdout;
  const { stdout } = await run(["log", "show", denied, "--proof", "--state", state]);
  const [head = "", ...rest] = stdout.split("\n\n");
  const [format, index, ...hashes] = head.split("\n");
  const { size, root } = readCheckpoint(rest.join("\n\n"), "proof");
  const claim = { index: Number(index?.slice("index ".length)), size, leaf: leafHash(Buffer.from(entry)), root };
  assert.deepEqual(
    [
      format,
      isIncluded(
        claim,
        hashes.map((hash) => Buffer.from(hash, "base64")),
      ),
    ],
    ["c2sp.org/tlog-proof@v1", true],
  );
});

test("verify says intact with 0, changed with 1, and unreadable with 3", async (t) => {
  const { state } = await smallLog(t);
  const kept = join(state, "kept");
  writeFileSync(kept, (await run(["log", "checkpoint", "--state", state])).stdout);
  const good = await run(["log", "verify", "--from", kept, "--key", join(state, "audit-key.pub"), "--state", state]);
  const database = new DatabaseSync(join(state, "audit.db"));
  database.exec("UPDATE entry SET body = replace(body, 'alice', 'mallory') WHERE position = 1");
  database.close();
  const bad = await run(["log", "verify", "--state", state]);
  writeFileSync(kept, "not a checkpoint");
  const unreadable = await run(["log", "verify", "--from", kept, "--state", state]);
  const nowhere = await run(["log", "verify", "--state", join(state, "nothing")]);
  assert.deepEqual([good.code, bad.code, unreadable.code, nowhere.code], [0, 1, 3, 3]);
  assert.match(good.stdout, /^intact {2}plimsoll\/[^\n]+: 4 records, 4 checkpoints\n/);
  assert.match(bad.stdout, /^CHANGED .*\n {2}- the log is not the one that the checkpoint at 4 records vouches for/);
});

test("export writes a private file in the asked format, and tiles with a checkpoint", async (t) => {
  const { state, denied } = await smallLog(t);
  const file = join(state, "out.jsonl");
  const written = await run(["log", "export", "--format", "ecs", "--verdict", "deny", "-o", file, "--state", state]);
  const tiles = await run(["log", "export", "--tiles", join(state, "tiles"), "--state", state]);
  assert.deepEqual(
    [
      written.code,
      JSON.parse(readFileSync(file, "utf8"))["event.id"],
      tiles.code,
      readCheckpoint(readFileSync(join(state, "tiles/checkpoint"), "utf8"), "").size,
    ],
    [0, denied, 0, 4],
  );
});

test("since takes durations and dates, and anything else is a usage error", async (t) => {
  const state = temporaryFolder(t);
  const store = await startStore({ folder: state });
  const old = opening({ time: "2001-01-01T00:00:00.000Z" });
  await store.audit.close(old, completed);
  await logRequests(store, 2);
  await store.close();
  const counts: number[] = [];
  for (const since of ["1h", "2020-01-01", "2000-12-31T00:00:00Z"]) {
    const { stdout } = await run(["log", "tail", "--json", "--since", since, "--state", state]);
    counts.push(stdout.split("\n").length - 1);
  }
  const wrong = await run(["log", "tail", "--since", "yesterday", "--state", state]);
  assert.deepEqual([counts, wrong.code], [[2, 2, 3], 2]);
});

test("a reader that has enough ends the export without a word", async (t) => {
  const state = temporaryFolder(t);
  const store = await startStore({ folder: state });
  await logRequests(store, 500);
  await store.close();
  const program = join(import.meta.dirname, "../../src/main.ts");
  const child = spawn(process.execPath, [program, "log", "export", "--state", state], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const errors = text(child.stderr);
  const [code] = await once(child, "exit");
  assert.deepEqual([code, await errors], [0, ""]);
});
