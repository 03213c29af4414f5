// The socket proxies' variables: the same verdict as the proxies' own rules for every route of the engine.
// Source of the rules below: haproxy.cfg of Tecnativa/docker-socket-proxy and of linuxserver/docker-socket-proxy.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route } from "../../src/engine/route.ts";
import { routes } from "../../src/engine/routes.ts";
import { sections } from "../../src/policy/compatibility/sections.ts";
import { type SocketProxyDialect, socketProxyPolicies } from "../../src/policy/compatibility/socket-proxy.ts";
import { load, question, shipped } from "./support.ts";

type Environment = Readonly<Record<string, string>>;

const fine: readonly (readonly [string, RegExp])[] = [
  ["ALLOW_RESTARTS", /^\/containers\/[a-zA-Z0-9_.-]+\/(stop|restart|kill)/],
  ["ALLOW_START", /^\/containers\/[a-zA-Z0-9_.-]+\/start/],
  ["ALLOW_STOP", /^\/containers\/[a-zA-Z0-9_.-]+\/stop/],
  ["ALLOW_PAUSE", /^\/containers\/[a-zA-Z0-9_.-]+\/pause/],
  ["ALLOW_UNPAUSE", /^\/containers\/[a-zA-Z0-9_.-]+\/unpause/],
];
const gates: readonly (readonly [string, RegExp])[] = [
  ["ALLOW_EXEC", /^\/containers\/[a-zA-Z0-9_.-]+\/exec/],
  ["ALLOW_KILL", /^\/containers\/[a-zA-Z0-9_.-]+\/kill/],
  ["ALLOW_ATTACH", /^\/containers\/[a-zA-Z0-9_.-]+\/attach/],
  ["ALLOW_ARCHIVE", /^\/containers\/[a-zA-Z0-9_.-]+\/archive/],
  ["ALLOW_EXPORT", /^\/containers\/[a-zA-Z0-9_.-]+\/export/],
  ["ALLOW_LOGS", /^\/containers\/[a-zA-Z0-9_.-]+\/logs/],
];
const newer: readonly string[] = ["DELETE", "PUT", "PATCH", ...gates.map(([name]) => name)];
const prefixes: readonly string[] = sections.map(({ variable }) => variable);

/** What the proxy answers, from its rules in their order. */
function proxyAllows(route: Route, env: Environment, dialect: SocketProxyDialect): boolean {
  const path = route.path.replace(/\{\w+\}/g, "x1");
  const isOn = (name: string): boolean => (env[name] ?? (/^(EVENTS|PING|VERSION)$/.test(name) ? "1" : "0")) === "1";
  const isFine = fine.some(([name, pattern]) => isOn(name) && pattern.test(path));
  const isNewer = newer.some((name) => name in env);
  const isRead = route.method === "GET" || route.method === "HEAD";
  const mayChange = isRead || isOn(isNewer ? route.method : "POST");
  if (isNewer && gates.some(([name, pattern]) => pattern.test(path) && !isOn(name))) return false;
  if (isFine && dialect === "linuxserver") return true;
  if (!mayChange) return false;
  if (isFine) return true;
  return prefixes.some((name) => isOn(name) && path.startsWith(name === "PING" ? "/_ping" : `/${name.toLowerCase()}`));
}

function differences(env: Environment, dialect: SocketProxyDialect): readonly string[] {
  const engine = load(shipped("observe"), socketProxyPolicies(env, dialect));
  return routes.flatMap((route) => {
    const { verdict } = engine.decide(question(route.action));
    const expected = proxyAllows(route, env, dialect) ? "allow" : "deny";
    return verdict === expected ? [] : [`${route.method} ${route.path}: ${verdict}, the proxy says ${expected}`];
  });
}

const all = Object.fromEntries(prefixes.map((name) => [name, "1"]));
const environments: readonly Environment[] = [
  {},
  { CONTAINERS: "1" },
  { POST: "1" },
  { CONTAINERS: "1", POST: "1" },
  { CONTAINERS: "1", POST: "1", EXEC: "1", IMAGES: "1", BUILD: "1", COMMIT: "1" },
  { SERVICES: "1", TASKS: "1", NETWORKS: "1", EVENTS: "0", PING: "0", VERSION: "0" },
  { ALLOW_START: "1", ALLOW_STOP: "1" },
  { ALLOW_RESTARTS: "1", POST: "1" },
  { ALLOW_PAUSE: "1", ALLOW_UNPAUSE: "1", POST: "1" },
  { INFO: "1", SYSTEM: "1", VOLUMES: "1", SECRETS: "1", CONFIGS: "1", NODES: "1", SWARM: "1" },
  { PLUGINS: "1", AUTH: "1", DISTRIBUTION: "1", SESSION: "1", GRPC: "1", POST: "1" },
  { ...all, POST: "1" },
  all,
  { CONTAINERS: "1", POST: "1", DELETE: "0" },
  { CONTAINERS: "1", DELETE: "1", ALLOW_LOGS: "1" },
  { CONTAINERS: "1", IMAGES: "1", VOLUMES: "1", PUT: "1", ALLOW_ARCHIVE: "1" },
  { CONTAINERS: "1", POST: "1", EXEC: "1", ALLOW_EXEC: "1", ALLOW_ATTACH: "1" },
  { ALLOW_RESTARTS: "1", ALLOW_KILL: "0", POST: "1" },
  { ALLOW_RESTARTS: "1", ALLOW_KILL: "1", POST: "1" },
  { ...all, POST: "1", DELETE: "1", PUT: "1", PATCH: "1", ...Object.fromEntries(gates.map(([name]) => [name, "1"])) },
  { ...all, POST: "1", PATCH: "0" },
];

/** A GET that writes to a container: the proxies let it through, Plimsoll wants POST=1 for it. Checkpoints have a grant. */
const stricter =
  /^GET \/containers\/\{id\}\/attach\/ws: deny|^(GET|POST|DELETE) \/containers\/\{id\}\/checkpoints.*: deny/;

for (const dialect of ["tecnativa", "linuxserver"] as const) {
  for (const env of environments) {
    const shown = env === all ? "every section open, POST closed" : JSON.stringify(env);
    test(`${dialect}: ${shown} decides every route as the proxy does`, () => {
      assert.deepEqual(
        differences(env, dialect).filter((line) => !stricter.test(line)),
        [],
      );
    });
  }
}

test("invariants hold whatever the variables open", () => {
  const engine = load(shipped("observe"), socketProxyPolicies({ ...all, POST: "1" }));
  const facts = [
    { logDriver: "syslog" },
    { bindsEngine: true },
    { runtime: "evil" },
    { volumeDrivers: ["local:proc"] },
  ];
  assert.deepEqual(
    facts.map((fact) => engine.decide(question("container.create", fact)).verdict),
    facts.map(() => "deny"),
  );
});

test("beside baseline, a proxy that opens containers does not open the host", () => {
  const engine = load(shipped("baseline"), socketProxyPolicies({ CONTAINERS: "1", POST: "1" }));
  const { verdict, rules } = engine.decide(question("container.create", { privileged: true }));
  assert.deepEqual([verdict, rules[0]?.id], ["deny", "baseline/no-privileged"]);
});

test("a method of its own and what is shut in an open section say which variable opens them", () => {
  const env = { CONTAINERS: "1", POST: "1", DELETE: "0" };
  const engine = load(shipped("observe"), socketProxyPolicies(env));
  const asked = [question("container.remove"), question("container.logs"), question("container.start")];
  assert.deepEqual(
    asked.map((each) => engine.decide(each)).map(({ verdict, remedy }) => [verdict, remedy]),
    [
      ["deny", "set DELETE=1"],
      ["deny", "set ALLOW_LOGS=1"],
      ["allow", ""],
    ],
  );
});

test("a closed section says which variable opens it", () => {
  const engine = load(shipped("observe"), socketProxyPolicies({}));
  const { reason, remedy } = engine.decide(question("container.list"));
  assert.deepEqual([reason, remedy], ["the variable CONTAINERS keeps this closed", "set CONTAINERS=1"]);
});

test("only 1 opens a section", () => {
  const engine = load(shipped("observe"), socketProxyPolicies({ CONTAINERS: "yes", EVENTS: "true" }));
  const asked = [question("container.list"), question("system.events"), question("system.ping")];
  assert.deepEqual(
    asked.map((each) => engine.decide(each).verdict),
    ["deny", "deny", "allow"],
  );
});

test("who calls through the variables of a proxy sees every owner's containers, as through the proxy", () => {
  const engine = load(shipped("baseline"), socketProxyPolicies({ CONTAINERS: "1" }));
  const resource = { id: "c1", name: "web", owner: "unix:eve" };
  assert.equal(engine.decide(question("container.inspect", {}, { resource })).verdict, "allow");
});
