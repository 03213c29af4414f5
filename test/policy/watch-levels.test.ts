// How closely the watch looks at a container: levels from Cedar, allow-lists from the annotations of its rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "../../src/model/principal.ts";
import { readPermit } from "../../src/policy/network-permits.ts";
import type { PolicySource } from "../../src/policy/source.ts";
import { usualFacts } from "../../src/policy/usual-facts.ts";
import { type AskedProtection, chooseProtection } from "../../src/policy/watch-levels.ts";
import { load, own, schema, shipped } from "./support.ts";

const bob: Principal = {
  id: "unix:bob",
  kind: "unix",
  name: "bob",
  groups: [],
  owner: "unix:bob",
  provider: "unix-peer",
};

function asked(differs: Readonly<Record<string, unknown>> = {}): AskedProtection {
  const { protection: _protection, level: _level, ...facts } = { ...usualFacts("container.watch", schema), ...differs };
  const rest: Record<string, unknown> = facts;
  return {
    principal: bob,
    name: "web",
    protectedPaths: ["/etc"],
    facts: {
      ...{ listener: "docker", image: "web:1", imageId: "sha256:1", labels: [], privileged: false, capAdd: [] },
      ...{ hostBindsWritable: [], pidMode: "private", networkMode: "default", runsAsRoot: true, scanned: true },
      ...{ critical: 0, high: 0, knownExploited: 0, malware: 0, trust: "unknown", signers: [] },
      ...rest,
    },
  };
}

const rule = (name: string, when: string, more = ""): string =>
  `@id("${name}")\n@reason("r")\n@remedy("r")\n${more}forbid (principal, action == Action::"container.watch", resource) when { ${when} };\n`;

test("the sets that ship tell everything; baseline blocks the memory of others, restricted blocks all", () => {
  const levels = (...sets: readonly PolicySource[]) => chooseProtection(load(...sets), asked()).protection.levels;
  const all = (level: string) =>
    Object.fromEntries(
      ["drift", "memory", "escape", "host-paths", "network", "malware", "mining"].map((name) => [name, level]),
    );
  assert.deepEqual(
    {
      observe: levels(shipped("observe")),
      baseline: levels(shipped("baseline")),
      restricted: levels(shipped("baseline"), shipped("restricted")),
    },
    { observe: all("detect"), baseline: { ...all("detect"), memory: "block" }, restricted: all("block") },
  );
});

test("a set that says nothing of the watch has everything told, and permits make nothing weaker", () => {
  const silent = own('@id("all") permit (principal, action, resource);', "mine");
  const nobody = own(rule("drift", 'context.protection == "drift" && context.level != "block"'), "mine");
  const first = chooseProtection(load(silent), asked());
  const second = chooseProtection(load(nobody), asked());
  assert.deepEqual([first.protection.levels.drift, first.rules], ["detect", []]);
  assert.deepEqual(
    [second.protection.levels.drift, second.protection.levels.memory, second.rules],
    ["block", "off", ["mine/drift"]],
  );
});

test("the strictest rule wins, and a rule that cannot be evaluated is strict", () => {
  const broken = own(rule("broken", 'context.critical * 9223372036854775807 > 1 && context.level == "detect"'), "mine");
  const chosen = chooseProtection(load(shipped("baseline"), broken), asked({ critical: 5 }));
  assert.equal(chosen.protection.levels.drift, "block");
});

test("allow-lists of several rules are what stands in all of them", () => {
  const one = rule(
    "one",
    'context.protection == "network" && context.level != "block"',
    '@connect("10.0.0.0/8:443, *.debian.org 192.168.0.0/16")\n@bind("0.0.0.0/0:8080")\n@paths("/srv/data")\n',
  );
  const two = rule(
    "two",
    'context.protection == "network" && context.level == "off" && context.labels.contains("a=1")',
    '@connect("deb.debian.org:80 10.0.0.0/8 0.0.0.0/0:22")\n',
  );
  const engine = load(own(one + two, "mine"));
  const alone = chooseProtection(engine, asked()).protection;
  const both = chooseProtection(engine, asked({ labels: ["a=1"] })).protection;
  assert.deepEqual(
    [alone.connect?.length, alone.bind, alone.protectedPaths, both.connect],
    [
      3,
      [{ to: "0.0.0.0/0", port: 8080 }],
      ["/etc", "/srv/data"],
      [
        { to: "10.0.0.0/8", port: 443 },
        { to: "10.0.0.0/8", port: 22 },
        { to: "deb.debian.org", port: 80 },
        { to: "192.168.0.0/16", port: 22 },
      ].filter(({ to, port }) => !(to === "10.0.0.0/8" && port === 22)),
    ],
  );
});

test("an allow-list that cannot be read is a mistake of the policy, and no annotation of it stands elsewhere", () => {
  const text = (more: string, action = "container.watch") =>
    `@id("x")\n@reason("r")\n@remedy("r")\n${more}forbid (principal, action == Action::"${action}", resource);`;
  assert.throws(() => load(own(text('@connect("10.0.0.0/33")\n'), "mine")), /@connect: "10.0.0.0\/33"/);
  assert.throws(() => load(own(text('@paths("etc")\n'), "mine")), /@paths: "etc"/);
  assert.throws(
    () => load(own(text('@connect("10.0.0.1")\n', "container.create"), "mine")),
    /@connect is not known here/,
  );
});

test("peers are addresses, networks or names, each with a port or without", () => {
  const texts = [
    "10.0.0.1",
    "10.0.0.0/8:443",
    "[2001:db8::]/32",
    "[::1]:53",
    "*.Debian.org:80",
    "localhost",
    "0.0.0.0/0",
  ];
  const wrong = [
    "",
    "10.0.0.0/33",
    "1.2.3",
    "10.0.0.300",
    "[::1]/129",
    "a b",
    "*",
    "*.*.org",
    "-x.org",
    "a:99999",
    "10.0.0.1:70000",
    "::1",
  ];
  assert.deepEqual(
    [texts.map((text) => readPermit(text)), wrong.map((text) => readPermit(text))],
    [
      [
        { to: "10.0.0.1/32", port: 0 },
        { to: "10.0.0.0/8", port: 443 },
        { to: "2001:db8::/32", port: 0 },
        { to: "::1/128", port: 53 },
        { to: "*.debian.org", port: 80 },
        { to: "localhost", port: 0 },
        { to: "0.0.0.0/0", port: 0 },
      ],
      wrong.map(() => undefined),
    ],
  );
});
