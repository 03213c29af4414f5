// What Cedar's own validator does not know of our policies: names, annotations, and grants that would never count.

import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { grantOf, namesGrantAction, scopeActions } from "./grant-scope.ts";
import { isGrant } from "./grants.ts";
import { readPermit } from "./network-permits.ts";

const annotations = ["id", "reason", "remedy"];
/** Of forbids on container.watch: src/policy/watch-levels.ts reads them. */
const watchAnnotations = ["connect", "bind", "paths"];

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
  const isOfWatch = policy.effect === "forbid" && scopeActions(policy)?.includes("container.watch") === true;
  const known = isOfWatch ? [...annotations, ...watchAnnotations] : annotations;
  const mistakes: string[] = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `the annotation @${name} is not known here, expected one of @${known.join(", @")}`);
  const id = given["id"] ?? "";
  if (id === "") mistakes.push('a policy without a name, expected @id("...")');
  else if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) mistakes.push(`@id("${id}"), expected lower-case-words-with-hyphens`);
  if (isOfWatch) mistakes.push(...lintWatch(given));
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

/** An allow-list that cannot be read would allow nothing, or everything. */
function lintWatch(given: Readonly<Record<string, string | null>>): readonly string[] {
  const wordsOf = (name: string): readonly string[] =>
    (given[name] ?? "").split(/[\s,]+/).filter((word) => word !== "");
  return [
    ...["connect", "bind"].flatMap((name) =>
      wordsOf(name)
        .filter((word) => readPermit(word) === undefined)
        .map((word) => `@${name}: ${JSON.stringify(word)}, expected 10.0.0.0/8:443, [2001:db8::]/32 or *.debian.org`),
    ),
    ...wordsOf("paths")
      .filter((path) => !path.startsWith("/"))
      .map((path) => `@paths: ${JSON.stringify(path)}, expected a path of the host that begins with /`),
  ];
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
