// The cases that tuf-conformance names, for each a repository that the reference implementation made (test/trust/tuf-cases.py): after every state
// ours says what the reference client says, and has kept the same metadata. docs/conformance.md lists them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { updateTrustedRoot } from "../../src/trust/tuf/update-root.ts";
import { newerSuite } from "../support/newer-suite.ts";
import { startSigstore } from "./sigstore-services.ts";

type State = { readonly result: string } & Readonly<Record<string, number | string>>;
type Judged = Readonly<Record<string, readonly State[]>>;

const roles = ["root", "timestamp", "snapshot", "targets"] as const;

/** The reference client keeps the first root that it does not believe; ours keeps nothing. */
const startsBad: readonly string[] = ["invalid-initial-root", "unsigned-initial-root"];
/** Both refuse it as the suite plays it; ours refuses the root itself, and so keeps the one before, also where every name has a signature. */
const twins: readonly string[] = ["duplicate-keys-root", "duplicate-keys-root-signed-under-all-names"];

function expectedOf(name: string, theirs: readonly State[]): readonly State[] {
  const [first] = theirs;
  if (startsBad.includes(name)) return theirs.map((state) => ({ ...state, root: 0 }));
  return first !== undefined && twins.includes(name) ? [first, { ...first, result: "refused" }] : theirs;
}

async function makeCases(t: TestContext): Promise<{ readonly folder: string; readonly judged: Judged } | undefined> {
  const suite = await newerSuite("tuf");
  if ("why" in suite) return void t.skip(suite.why);
  mkdirSync(join(suite.root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(suite.root, "tmp/tuf-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "target.json"), (await startSigstore(t)).root);
  copyFileSync(join(import.meta.dirname, "tuf-cases.py"), join(folder, "make.py"));
  const inside = folder.slice(suite.root.length);
  const words = ["python3", `${inside}/make.py`, `${inside}/cases`, `${inside}/target.json`];
  await promisify(execFile)("chroot", [suite.root, ...words]);
  const cases = join(folder, "cases");
  return { folder: cases, judged: JSON.parse(readFileSync(join(cases, "judged.json"), "utf8")) };
}

/** After each state: what came of it, and which version of each role is kept. */
async function follow(folder: string, states: number): Promise<readonly State[]> {
  const client = join(folder, "ours");
  const told: State[] = [];
  for (let state = 0; state < states; state += 1) {
    const repository = { folder: join(folder, String(state)) };
    const firstRoot = readFileSync(join(folder, "root.json"));
    const result = await updateTrustedRoot({ repository, firstRoot, folder: client }).then(
      () => "accepted",
      () => "refused",
    );
    told.push({ result, ...Object.fromEntries(roles.map((role) => [role, versionOf(join(client, `${role}.json`))])) });
    if (folder.endsWith("/expired-metadata") && result === "refused") {
      copyFileSync(join(repository.folder, "timestamp.json"), join(client, "timestamp.json"));
    }
  }
  return told;
}

function versionOf(file: string): number {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).signed.version : 0;
}

test("every case of tuf-conformance that a client of one file can meet ends as before the reference client", async (t) => {
  const made = await makeCases(t);
  if (made === undefined) return;
  const names = Object.keys(made.judged);
  assert.equal(names.length, 90);
  const differing: Record<string, unknown> = {};
  for (const [name, theirs] of Object.entries(made.judged)) {
    const ours = await follow(join(made.folder, name), theirs.length);
    const expected = expectedOf(name, theirs);
    if (JSON.stringify(ours) !== JSON.stringify(expected)) differing[name] = { ours, theirs };
  }
  assert.deepEqual(differing, {});
  const refused = names.filter((name) => made.judged[name]?.at(-1)?.result === "refused");
  const stated = names.filter((name) => isRefused(name));
  assert.deepEqual(refused, stated);
});

/** By what the suite itself expects at the end of the case. */
function isRefused(name: string): boolean {
  const always =
    /fail|rollback-(?:basic|with)|version-rollback|expired|mismatch|initial-root|threshold-not-reached|wrong-not-signed/;
  const by: Readonly<Record<string, boolean>> = {
    "root-has-keys-but-not-snapshot": true,
    "snapshot-threshold": true,
    "duplicate-keys-root": true,
    "repository-substitutes-target-file": true,
    "multiple-changes-to-target": true,
    "graph-cyclic-graph": true,
    "graph-targetpath-is-not-delegated-by-all-roles-in-the-chain": true,
    "expired-metadata": false,
  };
  return by[name] ?? (always.test(name) || /^graph-.*ignores-all/.test(name));
}
