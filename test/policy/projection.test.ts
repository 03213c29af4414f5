// Only what policies can see is given to Cedar: the answer has to be the one that the whole question gets.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { askOnce } from "../../src/policy/cedar.ts";
import { type Asked, requestOf, toCedarQuestion } from "../../src/policy/cedar-question.ts";
import { projectionOf } from "../../src/policy/projection.ts";
import { readRules } from "../../src/policy/read-rules.ts";
import { own, question, schema } from "./support.ts";

const said = '@reason("r") @remedy("r")';
const scopes = ["principal", 'principal == User::"unix:bob"', 'principal in Group::"unix:dev"', "principal is User"];
const resources = ["resource", 'resource == Container::"c1"', "resource is Container"];
const actions = ['action == Action::"container.create"', 'action in Action::"change"', "action"];
const conditions = [
  "true",
  "context.privileged",
  'context has privileged && context.capAdd.contains("CAP_KILL")',
  "context.memory > 5",
  '(if context.privileged then principal else principal).owner == "unix:bob"',
  'principal in Group::"unix:ops" || principal == User::"unix:bob"',
  '[principal, principal].contains(User::"unix:bob")',
  'principal is User in Group::"unix:dev"',
  'principal.grants.contains("owner.any")',
  "resource.owner == principal.owner",
  'resource.shared && resource.name like "we*"',
  'resource is Container && resource == Container::"c1"',
  '{a: principal.owner, Var: resource.owner}.a == "unix:bob"',
  'action == Action::"container.create" && action in Action::"containers"',
  '["default", "none"].contains(context.networkMode)',
];
/** On every action these facts do not exist, so such policies are only made for container.create. */
const onlyOnCreate = (condition: string): boolean => condition.includes("context");

const policy = fc
  .record({
    scope: fc.constantFrom(...scopes),
    resource: fc.constantFrom(...resources),
    action: fc.constantFrom(...actions),
    condition: fc.constantFrom(...conditions),
    kind: fc.constantFrom("permit", "forbid"),
    clause: fc.constantFrom("when", "unless"),
  })
  .map((part) => {
    const action = onlyOnCreate(part.condition) ? actions[0] : part.action;
    return `${said} ${part.kind}(${part.scope}, ${action}, ${part.resource}) ${part.clause} { ${part.condition} };`;
  });

const asked: fc.Arbitrary<Asked> = fc
  .record({
    id: fc.constantFrom("unix:bob", "unix:eve"),
    groups: fc.subarray(["unix:dev", "unix:ops", "unix:none"]),
    owner: fc.constantFrom("unix:bob", "unix:eve"),
    grants: fc.subarray(["owner.any", "container.privileged"]),
    resourceId: fc.constantFrom("", "c1", "c2"),
    resourceOwner: fc.constantFrom("", "unix:bob", "unix:eve"),
    isShared: fc.boolean(),
    name: fc.constantFrom("web", "db"),
    privileged: fc.boolean(),
    memory: fc.constantFrom(0, 6),
    capAdd: fc.subarray(["CAP_KILL", "CAP_SYS_ADMIN"]),
    networkMode: fc.constantFrom("default", "host"),
  })
  .map((part) => {
    const { privileged, memory, capAdd, networkMode } = part;
    const base = question("container.create", { privileged, memory, capAdd, networkMode });
    const derived = { hostBindsUnpermitted: [], sysctlNames: [], unlimitedUlimits: [] };
    return {
      principal: { ...base.principal, id: part.id, groups: part.groups, owner: part.owner },
      grants: new Set(part.grants),
      action: "container.create",
      actionGroups: schema.actions.get("container.create")?.groups ?? new Set(),
      resource: {
        type: "Container",
        id: part.resourceId,
        name: part.name,
        owner: part.resourceOwner,
        isShared: part.isShared,
      },
      context: { ...base.context, ...derived },
    };
  });

const everything = { identity: true, attributes: "all" } as const;
const whole = { principal: everything, resource: everything, context: everything, action: everything };

test("a question cut down to what policies can see gets the answer of the whole question", () => {
  fc.assert(
    fc.property(fc.array(policy, { minLength: 1, maxLength: 4 }), asked, (texts, request) => {
      const text = texts.map((each, index) => `@id("p${index}") ${each}`).join("\n");
      const { rules } = readRules([own(text)], { ...schema, text: schemaForAll });
      const policies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]));
      const seen = projectionOf(rules.map((rule) => rule.json));
      assert.equal(rules.length, texts.length);
      const full = toCedarQuestion(request);
      assert.deepEqual(askOnce(policies, requestOf(full, seen)), askOnce(policies, requestOf(full, whole)));
    }),
    { numRuns: 150 },
  );
});

/** Validation is not what is tested here, and the smallest schema is the fastest. */
const schemaForAll = "entity Group; entity User in [Group];";
