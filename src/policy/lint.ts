// What Cedar's own validator does not know of our policies: names, annotations, and grants that would never count.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { grantOf, namesGrantAction } from "./grant-scope.ts";
import { isGrant } from "./grants.ts";

const annotations = ["id", "reason", "remedy"];

/** Everything that is wrong with one policy, as sentences without place. */
export function lintPolicy(policy: PolicyJson): readonly string[] {
  return [
    ...lintAnnotations(policy),
    ...lintGrantScope(policy),
    ...grantNames(policy.conditions)
      .concat(grantNames(policy.resource))
      .filter((name) => !isGrant(name))
      .map((name) => `there is no grant called ${JSON.stringify(name)}`),
  ];
}

function lintAnnotations(policy: PolicyJson): readonly string[] {
  const given = policy.annotations ?? {};
  const mistakes = Object.keys(given)
    .filter((name) => !annotations.includes(name))
    .map((name) => `the annotation @${name} is not known, expected one of @${annotations.join(", @")}`);
  const id = given["id"] ?? "";
  if (id === "") mistakes.push('a policy without a name, expected @id("...")');
  else if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) mistakes.push(`@id("${id}"), expected lower-case-words-with-hyphens`);
  if (policy.effect === "permit") return mistakes;
  for (const name of ["reason", "remedy"]) {
    if ((given[name] ?? "").trim() === "")
      mistakes.push(`a forbid without @${name}("..."), which the caller is to read`);
  }
  for (const [, name] of (given["remedy"] ?? "").matchAll(/\bgrant ([a-z]+\.[a-z-]+)/g)) {
    if (name !== undefined && !isGrant(name))
      mistakes.push(`@remedy speaks of the grant ${name}, which does not exist`);
  }
  return mistakes;
}

function lintGrantScope(policy: PolicyJson): readonly string[] {
  if (policy.effect === "forbid" || !namesGrantAction(policy) || grantOf(policy) !== undefined) return [];
  return ['this permit grants nothing, expected action == Action::"grant" and resource == Grant::"NAME"'];
}

/** Names in `Grant::"NAME"` and in `principal.grants.contains("NAME")`, anywhere below a node. */
function grantNames(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(grantNames);
  if (typeof node !== "object" || node === null) return [];
  const found: string[] = [];
  if ("type" in node && node.type === "Grant" && "id" in node && typeof node.id === "string") found.push(node.id);
  for (const operator of ["contains", "containsAny", "containsAll"]) {
    const operands: unknown = Object.entries(node).find(([name]) => name === operator)?.[1];
    if (readsGrants(operands)) found.push(...literals(operands));
  }
  return [...found, ...Object.values(node).flatMap(grantNames)];
}

function readsGrants(operands: unknown): boolean {
  return JSON.stringify(operands)?.startsWith('{"left":{".":{"left":{"Var":"principal"},"attr":"grants"}}') ?? false;
}

/** Text literals below a node. */
function literals(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(literals);
  if (typeof node !== "object" || node === null) return [];
  if ("Value" in node) return typeof node.Value === "string" ? [node.Value] : literalList(node.Value);
  return Object.values(node).flatMap(literals);
}

function literalList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
