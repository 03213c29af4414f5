// Callers and questions for tests of policies, over the sets that ship.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Action, ResourceType } from "../../src/model/action.ts";
import type { Question, Resource } from "../../src/model/decision.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Principal } from "../../src/model/principal.ts";
import { loadWithSchema } from "../../src/policy/load-policies.ts";
import type { PolicyEngine } from "../../src/policy/policy-engine.ts";
import { type PolicySchema, readSchema } from "../../src/policy/schema.ts";
import type { PolicySource } from "../../src/policy/source.ts";
import { usualFacts } from "../../src/policy/usual-facts.ts";

export const schemaText: string = readFileSync(new URL("../../policies/plimsoll.cedarschema", import.meta.url), "utf8");
export const schema: PolicySchema = readSchema(schemaText);

export function shipped(name: string): PolicySource {
  const file = `policies/${name}.cedar`;
  return { name, file, text: readFileSync(new URL(`../../${file}`, import.meta.url), "utf8") };
}

export function own(text: string, name = "own"): PolicySource {
  return { name, file: `${name}.cedar`, text };
}

export function load(...sources: readonly PolicySource[]): PolicyEngine {
  return loadWithSchema(sources, schema, { generation: 1, prefix: randomUUID() });
}

export const bob: Principal = unixUser("bob", 1001, ["unix:dev"]);
export const alice: Principal = unixUser("alice", 1002, ["unix:ops"]);
export const root: Principal = unixUser("root", 0, ["unix:root"]);

export function unixUser(name: string, uid: number, groups: readonly string[]): Principal {
  const process = { pid: 4711, uid, gid: uid };
  return { id: `unix:${name}`, kind: "unix", name, groups, owner: `unix:${name}`, provider: "unix-peer", process };
}

/** A question whose facts are those of an ordinary call but for `facts`. */
export function question(
  action: Action,
  facts: Facts = {},
  more: { readonly principal?: Principal; readonly resource?: Partial<Resource> } = {},
): Question {
  return {
    principal: more.principal ?? bob,
    action,
    resource: { type: typeOf(action), id: "", name: "", owner: "", isShared: false, ...more.resource },
    context: { ...usualFacts(action, schema), ...facts },
  };
}

const types: readonly ResourceType[] = [
  "Engine",
  "Container",
  "Exec",
  "Image",
  "Network",
  "Volume",
  "Plugin",
  "Service",
  "Task",
  "Node",
  "Secret",
  "Config",
];

function typeOf(action: Action): ResourceType {
  const type = types.find((name) => schema.actions.get(action)?.resourceTypes.has(name));
  if (type === undefined) throw new TypeError(`no resource type for ${action}`);
  return type;
}
