// Policies while the program runs: replaced as a whole, kept when the new ones have a mistake.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { PolicyEngine } from "../../src/policy/policy-engine.ts";
import { policyFiles } from "../../src/policy/policy-files.ts";
import { createPolicyStore } from "../../src/policy/policy-store.ts";
import { question, schemaText } from "./support.ts";

const permitAll = '@id("all") permit(principal, action in [Action::"view", Action::"change"], resource);';
const permitLists = '@id("lists") permit(principal, action == Action::"container.list", resource);';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "plimsoll-policies-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const never = 3_600_000;

/** A store on one file, and a promise for whatever it tells next. */
async function open(t: TestContext, file: string, debounceMs = 20) {
  const waiting: ((told: PolicyEngine | string) => void)[] = [];
  const tell = (told: PolicyEngine | string): void => waiting.shift()?.(told);
  const store = await createPolicyStore({
    files: policyFiles([file]),
    schemaText,
    debounceMs,
    onReload: tell,
    onMistake: tell,
  });
  t.after(() => store.close());
  const next = () => new Promise<PolicyEngine | string>((resolve) => waiting.push(resolve));
  return { store, next };
}

const mayCreate = (engine: PolicyEngine) => engine.decide(question("container.create")).verdict;

test("a changed file is in force without a restart", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store, next } = await open(t, file);
  const before = store.current();
  const told = next();
  writeFileSync(`${file}.new`, permitLists);
  renameSync(`${file}.new`, file); // as editors and configuration tools do
  await told;
  assert.deepEqual(
    [mayCreate(before), mayCreate(store.current()), before.generation, store.current().generation],
    ["allow", "deny", 1, 2],
  );
});

test("a mistake keeps the last good policies in force and is told with file and line", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store, next } = await open(t, file);
  const told = next();
  writeFileSync(file, `${permitAll}\n\nforbid(principal, action, resource;`);
  assert.match(String(await told), /mine\.cedar:3: /);
  assert.deepEqual([mayCreate(store.current()), store.current().generation], ["allow", 1]);
});

test("a file that is taken away keeps the last good policies in force", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store } = await open(t, file, never);
  rmSync(file);
  await assert.rejects(store.reload(), { code: "POLICY_INVALID" });
  assert.equal(mayCreate(store.current()), "allow");
});

test("a reload of unchanged files changes nothing", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store } = await open(t, file, never);
  const before = store.current();
  assert.equal(await store.reload(), false);
  assert.equal(store.current(), before);
});

test("a mistake on the command reload is thrown to who asked for it", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store } = await open(t, file, never);
  writeFileSync(file, "nonsense");
  await assert.rejects(store.reload(), { code: "POLICY_INVALID" });
  writeFileSync(file, permitLists);
  assert.equal(await store.reload(), true);
});

test("who still holds a replaced generation gets its answers, however many followed", async (t) => {
  const file = join(folder(t), "mine.cedar");
  writeFileSync(file, permitAll);
  const { store } = await open(t, file, never);
  const old = store.current();
  for (const text of [permitLists, `${permitLists}\n// 2`, `${permitLists}\n// 3`]) {
    writeFileSync(file, text);
    assert.equal(await store.reload(), true);
  }
  assert.deepEqual([mayCreate(old), mayCreate(store.current()), store.current().generation], ["allow", "deny", 4]);
});

test("a folder is all of its .cedar files, in the order of their names", async (t) => {
  const path = folder(t);
  writeFileSync(join(path, "20-more.cedar"), permitLists);
  writeFileSync(join(path, "10-all.cedar"), permitAll);
  writeFileSync(join(path, "README.md"), "nothing of policy");
  const { store } = await open(t, path);
  assert.deepEqual(
    store.current().rules.map((rule) => rule.id),
    ["10-all/all", "20-more/lists"],
  );
});

test("nothing starts on policies that are not there", async (t) => {
  const path = folder(t);
  await assert.rejects(open(t, join(path, "none.cedar")), { code: "POLICY_INVALID" });
  await assert.rejects(open(t, path), { code: "POLICY_INVALID" });
  await assert.rejects(open(t, "basline"), { code: "POLICY_INVALID" });
});

test("files that everybody may write, pipes and giants are not policy", async (t) => {
  const path = folder(t);
  const writable = join(path, "writable.cedar");
  writeFileSync(writable, permitAll);
  chmodSync(writable, 0o646);
  const giant = join(path, "giant.cedar");
  writeFileSync(giant, "//".padEnd(2 ** 20 + 1, "x"));
  const pipe = join(path, "pipe.cedar");
  execFileSync("mkfifo", [pipe]);
  await assert.rejects(open(t, writable), { message: /writable\.cedar cannot be read: everybody may write it/ });
  await assert.rejects(open(t, giant), { message: /more than 1048576 bytes/ });
  await assert.rejects(open(t, pipe), { message: /not a regular file/ });
});
