// `plimsoll policy ...` as an operator types it, over real files and a real audit log.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Question } from "../../src/model/decision.ts";
import { run } from "../cli/program.ts";
import { completed, opening, startStore, temporaryFolder } from "../store/records.ts";
import { question } from "./support.ts";

function write(folder: string, files: Readonly<Record<string, string>>): (name: string) => string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

/** A configuration whose audit log holds these calls; the ids of the records. */
async function recorded(t: TestContext, questions: readonly Question[]) {
  const folder = temporaryFolder(t);
  const state = join(folder, "state");
  mkdirSync(state, { mode: 0o700 });
  const config = write(folder, { "plimsoll.yaml": `state: ${state}\n` })("plimsoll.yaml");
  const store = await startStore({ folder: state });
  const openings = questions.map(({ principal, action, resource, context }) =>
    opening({ caller: principal, action, resource, facts: context }),
  );
  for (const each of openings) {
    await store.audit.open(each);
    await store.audit.close(each, completed);
  }
  store.audit.flush();
  return { config, ids: openings.map(({ id }) => id) };
}

const permit = '@id("lists")\npermit (principal, action == Action::"container.list", resource);\n';
const passing = `tests:
  - name: lists
    action: container.list
    expect: allow
    rules: [mine/lists]
`;

test("policy check finds nothing wrong with the sets that ship", async () => {
  const { code, stdout, stderr } = await run(["policy", "check"]);
  assert.deepEqual([code, stderr, stdout.match(/^good {2}policies\/\w+\.cedar/gm)?.length], [0, "", 3], stdout);
});

test("policy check tells each mistake with file and line", async (t) => {
  const path = write(temporaryFolder(t), {
    "mine.cedar": `${permit}\n@id("x")\nforbid (principal, action, resource);\n`,
  });
  const { code, stdout } = await run(["policy", "check", path("mine.cedar")]);
  assert.equal(code, 1);
  assert.match(stdout, /mine\.cedar:4: error: a forbid without @reason/);
  assert.match(stdout, /mine\.cedar:4: error: a forbid without @remedy/);
  assert.match(stdout, /^not good/m);
});

test("policy check runs the tests beside a file and tells rules without one", async (t) => {
  const more = '@id("more")\npermit (principal, action == Action::"image.list", resource);\n';
  const path = write(temporaryFolder(t), { "mine.cedar": permit + more, "mine.test.yaml": passing });
  const { code, stdout } = await run(["policy", "check", "baseline", path("mine.cedar")]);
  assert.equal(code, 0);
  assert.match(stdout, /mine\.cedar:3: no test decides mine\/more/);
  assert.match(stdout, /^good .*mine\.cedar: \d+ rules, \d+ tests passed/m);
  assert.equal((await run(["policy", "test", "--all", path("mine.cedar")])).code, 1);
});

test("policy check --json is for programs", async () => {
  const { code, stdout } = await run(["policy", "check", "--json", "observe"]);
  const [report] = JSON.parse(stdout);
  assert.deepEqual([code, report.isGood, report.files, report.rules], [0, true, ["policies/observe.cedar"], 2]);
});

test("policy test shows what was expected and what was found", async (t) => {
  const failing = passing.replace("allow", "deny");
  const path = write(temporaryFolder(t), { "mine.cedar": permit, "mine.test.yaml": failing });
  const { code, stdout } = await run(["policy", "test", path("mine.cedar")]);
  assert.equal(code, 1);
  assert.match(stdout, /mine\.test\.yaml:2: failed: lists\n +expected deny mine\/lists\n +found +allow mine\/lists/);
});

test("policy test of a file with a mistake names it", async (t) => {
  const path = write(temporaryFolder(t), { "mine.cedar": "nonsense" });
  const { code, stderr } = await run(["policy", "test", path("mine.cedar")]);
  assert.deepEqual([code, /POLICY_INVALID.*mine\.cedar:1/.test(stderr)], [3, true]);
});

test("policy explain of a recorded call names who decided, and on request everything that was looked at", async (t) => {
  const { config, ids } = await recorded(t, [question("container.create", { privileged: true, logDriver: "syslog" })]);
  const words = ["policy", "explain", ids[0] ?? "", "--config", config];
  const brief = await run(words);
  assert.equal(brief.code, 0, brief.stderr);
  assert.match(brief.stdout, /^deny {2}container\.create by unix:bob/);
  assert.match(brief.stdout, /matched +forbid +baseline\/no-privileged +policies\/baseline\.cedar:\d+/);
  assert.match(brief.stdout, /objects +invariant +invariant\/log-driver/);
  assert.doesNotMatch(brief.stdout, /no-host-pid/);
  const whole = await run([...words, "--all"]);
  assert.match(whole.stdout, /conditions did not hold +forbid +baseline\/no-host-pid/);
  assert.match(whole.stdout, /nothing to object to +invariant +invariant\/runtime/);
  assert.match(whole.stdout, /does not apply +invariant +invariant\/swarm/);
});

test("policy explain of a call that nobody recorded says so", async (t) => {
  const { config } = await recorded(t, [question("container.list")]);
  const { code, stderr } = await run(["policy", "explain", "01KAN3Q5M2V7WZ0F4T9X8C6B1D", "--config", config]);
  assert.deepEqual([code === 0, /NOT_FOUND/.test(stderr)], [false, true]);
});

test("policy replay tells what a candidate would change, and exits with 1 for it", async (t) => {
  const { config } = await recorded(t, [question("container.create"), question("container.list")]);
  const changing = await run(["policy", "replay", "--candidate", "restricted", "--since", "1h", "--config", config]);
  assert.equal(changing.code, 1, changing.stderr);
  assert.match(changing.stdout, /1x +deny +container\.create +unix:bob +restricted\//);
  assert.match(changing.stdout, /2 calls: 1 as before, 1 newly denied, 0 newly allowed/);
  const same = await run(["policy", "replay", "--candidate", "baseline", "--config", config]);
  assert.deepEqual([same.code, same.stdout], [0, "2 calls: 2 as before, 0 newly denied, 0 newly allowed\n"]);
});

test("policy show prints a set, and the one that a socket proxy's variables stand for", async () => {
  const baseline = await run(["policy", "show", "baseline"]);
  const proxy = await run(["policy", "show", "socket-proxy"], { environment: { CONTAINERS: "1", POST: "0" } });
  assert.deepEqual([baseline.code, proxy.code], [0, 0]);
  assert.match(baseline.stdout, /@id\("no-privileged"\)/);
  assert.match(proxy.stdout, /@remedy\("set POST=1"\)/);
  assert.doesNotMatch(proxy.stdout, /no-containers/);
});

test("policy show of a set that does not exist names those that do", async () => {
  const { code, stderr } = await run(["policy", "show", "basline"]);
  assert.deepEqual([code, /observe, baseline, restricted/.test(stderr)], [3, true]);
});
