// Decisions: who wins, what a deny says, and that nothing undecidable is allowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "../../src/model/decision.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Principal } from "../../src/model/principal.ts";
import { alice, bob, load, own, question, root, shipped } from "./support.ts";

const baseline = load(shipped("baseline"));

function outcome({ verdict, rules }: Decision): readonly string[] {
  return [verdict, ...rules.map((rule) => rule.id)];
}

test("a privileged container is denied with rule, file, line and remedy", () => {
  const { rules, ...said } = baseline.decide(question("container.create", { privileged: true }));
  const line = shipped("baseline").text.split("\n").indexOf('@id("no-privileged")') + 1;
  assert.deepEqual(
    { rules, ...said },
    {
      verdict: "deny",
      rules: [{ id: "baseline/no-privileged", kind: "policy", file: "policies/baseline.cedar", line }],
      reason: "privileged containers reach root on the host",
      remedy: "remove --privileged, or ask for the grant container.privileged",
    },
  );
});

test("docker run alpine is allowed, and the permit is named", () => {
  assert.deepEqual(outcome(baseline.decide(question("container.create"))), ["allow", "baseline/named-callers"]);
});

test("a host bind is denied", () => {
  const facts = { hostBinds: ["/"], hostBindsWritable: ["/"] };
  assert.deepEqual(outcome(baseline.decide(question("container.create", facts))), ["deny", "baseline/no-host-binds"]);
});

test("several mistakes in one call are all told", () => {
  const said = baseline.decide(
    question("container.create", { privileged: true, pidMode: "host", logDriver: "syslog" }),
  );
  assert.deepEqual(outcome(said), ["deny", "invariant/log-driver", "baseline/no-privileged", "baseline/no-host-pid"]);
});

test("what no policy permits is denied by default", () => {
  const engine = load(own('@id("only-lists") permit(principal, action == Action::"container.list", resource);'));
  const said = engine.decide(question("container.create"));
  assert.deepEqual(
    [said.verdict, said.rules[0]?.id, said.reason],
    ["deny", "default-deny", "no rule permits container.create for unix:bob"],
  );
});

test("an empty set of policies denies everything", () => {
  assert.equal(load(own("")).decide(question("system.ping")).verdict, "deny");
});

test("a fact that is missing or of another type denies, whatever the policies say", () => {
  const engine = load(shipped("observe"));
  const whole = question("container.create");
  const { privileged: _, ...missing } = whole.context;
  const attempts = [
    { ...whole, context: missing },
    { ...whole, context: { ...whole.context, privileged: "false" } },
    { ...whole, context: { ...whole.context, memory: 0.5 } },
    { ...whole, context: { ...whole.context, hostBinds: "/" } },
    { ...whole, resource: { ...whole.resource, type: "Image" as const } },
  ];
  assert.deepEqual(
    attempts.map((attempt) => outcome(engine.decide(attempt))),
    attempts.map(() => ["deny", "policy-error"]),
  );
});

test("a policy that cannot be evaluated denies instead of being skipped", () => {
  const engine = load(
    shipped("observe"),
    own(`@id("overflow") @reason("r") @remedy("r")
      forbid(principal, action == Action::"container.create", resource) when { context.memory * context.memory == 1 };`),
  );
  const said = engine.decide(question("container.create", { memory: Number.MAX_SAFE_INTEGER }));
  assert.deepEqual(outcome(said), ["deny", "own/overflow"]);
  assert.match(said.reason, /could not be evaluated/);
});

test("another owner's container is out of reach, and root's reach is a grant", () => {
  const resource = { id: "c1", name: "web", owner: "unix:bob" };
  const remove = (principal: typeof root) =>
    outcome(baseline.decide(question("container.remove", {}, { principal, resource })));
  assert.deepEqual(
    [remove(alice), remove(root)],
    [
      ["deny", "invariant/foreign-object"],
      ["allow", "baseline/named-callers"],
    ],
  );
});

test("the same question has the same answer from memory", () => {
  const asked = question("container.create", { capAdd: ["CAP_SYS_ADMIN"] });
  assert.deepEqual(baseline.decide(asked), baseline.decide(asked));
  assert.equal(baseline.decide(question("container.create", { capAdd: ["CAP_KILL"] })).verdict, "allow");
});

test("a call that is out of all proportion is denied before it costs anything", () => {
  const many = Array.from({ length: 100_000 }, (_, index) => `CAP_${index}`);
  const long = ["x".repeat(70_000)];
  const said = [{ capAdd: many }, { hostBinds: many }, { sysctls: long }, { image: "x".repeat(70_000) }].map((facts) =>
    baseline.decide(question("container.create", facts)),
  );
  assert.deepEqual(
    said.map(outcome),
    said.map(() => ["deny", "fact-limit"]),
  );
});

test("a caller with a thousand groups is judged like everybody", () => {
  const groups = Array.from({ length: 1000 }, (_, index) => `ldap:group-${index}`);
  const engine = load(
    own('@id("g") permit(principal in Group::"ldap:group-999", action == Action::"system.ping", resource);'),
  );
  const ping = (principal: typeof alice) => engine.decide(question("system.ping", {}, { principal })).verdict;
  assert.deepEqual([ping({ ...alice, groups }), ping(alice)], ["allow", "deny"]);
});

test("a decision that is remembered is another caller's or another call's only when nothing differs", () => {
  const engine = load(
    own(`@id("bobs") permit(principal == User::"unix:bob", action == Action::"container.create", resource)
           unless { context.privileged };`),
  );
  const ask = (principal: Principal, facts: Facts = {}): string =>
    engine.decide({ ...question("container.create", facts), principal }).verdict;
  const round = () => [ask(bob), ask(alice), ask(bob, { privileged: true }), ask({ ...bob, id: "unix:eve" })];
  assert.deepEqual([round(), round()], Array(2).fill(["allow", "deny", "deny", "deny"]));
});
