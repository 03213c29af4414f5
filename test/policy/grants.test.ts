// Grants: only a permit that names the action and the grant exactly gives one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, load, own, question, root, shipped } from "./support.ts";

const exact =
  'permit(principal in Group::"unix:dev", action == Action::"grant", resource == Grant::"build.unrestricted");';

test("a member of the group that a permit names holds the grant, others do not", () => {
  const engine = load(own(`@id("g") ${exact}`));
  assert.deepEqual([[...engine.grantsOf(bob)], [...engine.grantsOf(alice)]], [["build.unrestricted"], []]);
});

test("wildcards never grant", () => {
  const wildcards = [
    "permit(principal, action, resource);",
    'permit(principal, action, resource == Grant::"container.privileged");',
    "permit(principal, action, resource is Grant);",
  ];
  const engine = load(...wildcards.map((text, index) => own(`@id("w") ${text}`, `w${index}`)));
  assert.deepEqual([...engine.grantsOf(root)], []);
});

test("a wildcard permit and an exact forbid on grants: the forbid wins over an exact permit too", () => {
  const engine = load(
    own(`@id("g") ${exact}
      @id("no") @reason("r") @remedy("r")
      forbid(principal == User::"unix:bob", action == Action::"grant", resource == Grant::"build.unrestricted");`),
  );
  assert.deepEqual([...engine.grantsOf(bob)], []);
});

test("a forbid on everything takes the grants as well", () => {
  const engine = load(
    own(`@id("g") ${exact}\n@id("n") @reason("r") @remedy("r") forbid(principal, action, resource);`),
  );
  assert.deepEqual([...engine.grantsOf(bob)], []);
});

test("a grant is for every policy to see, and opens its invariant", () => {
  const engine = load(
    shipped("observe"),
    own(`@id("g") ${exact}
      @id("only-builders") @reason("r") @remedy("r")
      forbid(principal, action == Action::"image.load", resource)
      unless { principal.grants.contains("build.unrestricted") };`),
  );
  const verdictsOf = (principal: typeof bob) =>
    (["system.session", "image.load"] as const).map(
      (action) => engine.decide(question(action, {}, { principal })).verdict,
    );
  assert.deepEqual(
    [verdictsOf(bob), verdictsOf(alice)],
    [
      ["allow", "allow"],
      ["deny", "deny"],
    ],
  );
});

test("root in a container that got a socket is not root on the host", () => {
  const engine = load(shipped("baseline"));
  const inside = { ...root, process: { pid: 1, uid: 0, gid: 0, container: "c0ffee" } };
  assert.deepEqual([[...engine.grantsOf(root)], [...engine.grantsOf(inside)]], [["owner.any", "owner.unowned"], []]);
});

test("the policies that give a grant are named", () => {
  const engine = load(shipped("baseline"));
  assert.deepEqual(
    [...engine.grantReasons(root)],
    [
      ["owner.any", ["baseline/root-touches-every-owner"]],
      ["owner.unowned", ["baseline/root-touches-unowned"]],
    ],
  );
});

test("a caller's grants follow the groups, not the name alone", () => {
  const engine = load(own(`@id("g") ${exact}`));
  assert.equal(engine.grantsOf(bob).size, 1);
  assert.equal(engine.grantsOf({ ...bob, groups: [] }).size, 0);
});

test("host folders are bound only by a permit that names the action bind", () => {
  const engine = load(
    shipped("baseline"),
    own(`@id("www") permit(principal, action == Action::"bind", resource is Path)
      when { resource.name == "/srv/www" || (resource.name like "/srv/www/*" && !resource.writable) };
      @id("all") permit(principal in Group::"unix:ops", action, resource);`),
  );
  const bind = (hostBinds: readonly string[], hostBindsWritable: readonly string[], principal = bob) =>
    engine.decide(question("container.create", { hostBinds, hostBindsWritable }, { principal })).verdict;
  assert.deepEqual(
    [
      bind(["/srv/www"], ["/srv/www"]),
      bind(["/srv/www", "/srv/www/a"], []),
      bind(["/srv/www/a"], ["/srv/www/a"]),
      bind(["/srv/www2"], []),
      bind(["/srv/www", "/etc"], []),
      bind(["/etc"], [], alice),
    ],
    ["allow", "allow", "deny", "deny", "deny", "deny"],
  );
});

test("permits of binds are named among the rules of a decision", () => {
  const engine = load(shipped("baseline"), own('@id("www") permit(principal, action == Action::"bind", resource);'));
  const { rules } = engine.decide(question("container.create", { hostBinds: ["/srv"] }));
  assert.deepEqual(
    rules.map((rule) => rule.id),
    ["baseline/named-callers", "own/www"],
  );
});

test("a call with more binds than are asked for is denied", () => {
  const engine = load(shipped("baseline"), own('@id("www") permit(principal, action == Action::"bind", resource);'));
  const hostBinds = Array.from({ length: 1000 }, (_, index) => `/srv/${index}`);
  assert.equal(engine.decide(question("container.create", { hostBinds })).verdict, "deny");
});
