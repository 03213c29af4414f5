// Rules are asked one by one, chosen by action, and remembered: the answer has to be Cedar's own over the whole set at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Question } from "../../src/model/decision.ts";
import type { FactValue } from "../../src/model/facts.ts";
import { isAction } from "../../src/policy/actions.ts";
import { askOnce } from "../../src/policy/cedar.ts";
import { requestOf, toCedarQuestion } from "../../src/policy/cedar-question.ts";
import { withDerivedFacts } from "../../src/policy/derived-facts.ts";
import { alice, bob, load, own, question, root, schema, shipped } from "./support.ts";

const engine = load(
  shipped("baseline"),
  shipped("restricted"),
  own(`@id("dev-privileged") permit(principal in Group::"unix:dev", action == Action::"grant", resource == Grant::"container.privileged");
    @id("group") @reason("r") @remedy("r") forbid(principal in Group::"unix:ops", action in Action::"networks", resource);
    @id("one") @reason("r") @remedy("r") forbid(principal, action, resource == Container::"c1");
    @id("body") @reason("r") @remedy("r")
    forbid(principal, action in [Action::"view", Action::"change"], resource)
    when { action in Action::"volumes" && principal == User::"unix:alice" && resource has owner && resource.owner == "" };`),
);
const texts = Object.fromEntries(engine.rules.map((rule) => [rule.id, rule.text]));

const values: Readonly<Record<string, fc.Arbitrary<FactValue>>> = {
  Bool: fc.boolean(),
  Long: fc.constantFrom(-1, 0, 1, 1024),
  String: fc.constantFrom("", "host", "private", "default", "custom", "bridge", "sha256:0"),
  Set: fc.subarray(["ALL", "CAP_CHOWN", "CAP_SYS_ADMIN", "/srv", "memlock=-1:-1", "kernel.msgmax=1"]),
};

const actions = [...schema.actions.keys()].filter(isAction);

const asked: fc.Arbitrary<Question> = fc
  .oneof(fc.constantFrom(...actions), fc.constantFrom("container.create", "exec.create", "network.create" as const))
  .chain((action) => {
    const facts = [...(schema.actions.get(action)?.facts ?? [])].filter(([name]) => !name.endsWith("References"));
    const changed = fc
      .subarray(facts)
      .chain((some) =>
        fc.record(Object.fromEntries(some.map(([name, type]) => [name, values[type] ?? fc.constant("")]))),
      );
    const resource = fc.record({ id: fc.constantFrom("", "c1", "c2"), owner: fc.constantFrom("", "unix:bob") });
    return fc
      .tuple(changed, fc.constantFrom(alice, bob, root), resource)
      .map(([some, principal, thing]) => question(action, some, { principal, resource: thing }));
  });

const everything = { identity: true, attributes: "all" } as const;
const whole = { principal: everything, resource: everything, context: everything, action: everything };

test("rules asked one by one and from memory decide as Cedar does over all of them at once", () => {
  fc.assert(
    fc.property(asked, (each) => {
      const actionGroups = schema.actions.get(each.action)?.groups ?? new Set<string>();
      const complete = withDerivedFacts(each, schema, () => false);
      const full = toCedarQuestion({ ...complete, grants: engine.grantsOf(each.principal), actionGroups });
      const { decision, determining } = askOnce(texts, requestOf(full, whole));
      const { verdict, rules } = engine.decide(each);
      const ofPolicy = rules.filter((rule) => rule.kind === "policy").map((rule) => rule.id);
      // An invariant may deny what policies permit; its decision then names no permit.
      const isInvariant = rules.some((rule) => rule.kind === "invariant");
      if (isInvariant && decision === "allow") assert.deepEqual([verdict, ofPolicy], ["deny", []]);
      else assert.deepEqual([verdict, ofPolicy.toSorted()], [decision, determining]);
    }),
    { numRuns: 400 },
  );
});
