import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf } from "../../../src/gate/facts/facts-of.ts";
import { isPrivateRegistry } from "../../../src/gate/facts/registry.ts";
import type { Facts } from "../../../src/model/facts.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { caller, callOf, enforcing, pinnedCall } from "../../support/semantics.ts";

function factsFor(method: string, path: string, body?: JsonObject): Facts {
  return factsOf(pinnedCall(callOf(method, path, body)), caller("alice"), enforcing);
}

function some(facts: Facts, ...names: readonly string[]): Facts {
  return Object.fromEntries(names.map((name) => [name, facts[name] ?? "absent"]));
}

test("registries on this host and in its networks are private, in every way to write them", () => {
  const inside = [
    "127.0.0.1:5000",
    "localhost",
    "localhost:5000",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1:80",
    "169.254.169.254",
  ];
  const odd = [
    "127.1",
    "0x7f.1",
    "2130706433",
    "[::1]:5000",
    "[fd00::1]",
    "[fe80::1]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]:5000",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a00:1::]:5000",
    "registry:5000",
  ];
  const names = ["x.localhost", "registry.local", "host.internal:5000"];
  const outside = ["docker.io", "ghcr.io", "8.8.8.8:5000", "registry.example.com", "172.32.0.1", "[2002:808:808::]"];
  assert.deepEqual(
    [...inside, ...odd, ...names].filter((name) => !isPrivateRegistry(name)),
    [],
  );
  assert.deepEqual(outside.filter(isPrivateRegistry), []);
});

test("calls that reach a registry or a URL say which", () => {
  const of = (method: string, path: string, body?: JsonObject) =>
    some(factsFor(method, path, body), "registry", "registryIsPrivate", "remote");
  const none = { registry: "", registryIsPrivate: false, remote: "" };
  assert.deepEqual(
    {
      S09: of("POST", "/images/create?fromImage=127.0.0.1:5000/x&tag=1"),
      pull: of("POST", "/images/create?fromImage=alpine&tag=3"),
      S06: of("POST", "/images/ghcr.io/x/push"),
      S07: of("GET", "/distribution/127.0.0.1:5000/x/json"),
      S08: of("GET", "/images/search?term=127.0.0.1:5000/x"),
      S05: of("POST", "/auth", { serveraddress: "http://u:p@127.0.0.1:5000/v1/" }),
      tag: of("POST", "/images/bb:1/tag?repo=x&tag=1"),
    },
    {
      S09: { ...none, registry: "127.0.0.1:5000", registryIsPrivate: true },
      pull: { ...none, registry: "docker.io" },
      S06: { ...none, registry: "ghcr.io" },
      S07: { ...none, registry: "127.0.0.1:5000", registryIsPrivate: true },
      S08: { ...none, registry: "127.0.0.1:5000", registryIsPrivate: true },
      S05: { ...none, registry: "127.0.0.1:5000", registryIsPrivate: true },
      tag: none,
    },
  );
});

test("builds, execs, volumes and networks say what leaves the container", () => {
  const option = { "com.docker.network.bridge.name": "eth9" };
  const icc = { "com.docker.network.bridge.enable_icc": "false" };
  const network = (body: JsonObject) =>
    factsFor("POST", "/networks/create", { Name: "n", ...body })["usesHostInterface"];
  assert.deepEqual(
    {
      B01: some(factsFor("POST", "/build?networkmode=host&cgroupparent=/x"), "networkMode", "cgroupParent", "buildKit"),
      kit: some(factsFor("POST", "/build?version=2&session=s"), "buildKit"),
      S01: some(factsFor("POST", "/build?remote=http://127.0.0.1/x"), "remote"),
      X01: some(factsFor("POST", "/containers/a/exec", { Privileged: true, User: "0" }), "privileged", "runsAsRoot"),
      V01: some(
        factsFor("POST", "/volumes/create", { DriverOpts: { type: "none", o: "bind", device: "/" } }),
        "driver",
        "hostBinds",
      ),
      V04: some(factsFor("POST", "/volumes/create", { DriverOpts: { type: "proc", device: "proc" } }), "driver"),
      networks: [
        network({}),
        network({ Driver: "bridge", Options: icc }),
        network({ Options: option }),
        network({ Driver: "macvlan", Options: { parent: "eth0" } }),
        network({ Options: { "com.docker.network.bridge.unheard_of": "1" } }),
        network({ ConfigFrom: { Network: "other" } }),
        network({ IPAM: { Config: [{ Subnet: "172.28.0.0/16" }, {}] } }),
        network({ IPAM: { Config: [{ Subnet: "10.1.0.0/16" }, { Subnet: "8.8.8.8/32" }] } }),
      ],
      X10: some(factsFor("POST", "/containers/a/checkpoints", { CheckpointDir: "/etc" }), "directory"),
    },
    {
      B01: { networkMode: "host", cgroupParent: "/x", buildKit: false },
      kit: { buildKit: true },
      S01: { remote: "http://127.0.0.1/x" },
      X01: { privileged: true, runsAsRoot: true },
      V01: { driver: "local:bind", hostBinds: ["/"] },
      V04: { driver: "local:proc" },
      networks: [false, false, true, true, true, true, false, true],
      X10: { directory: "/etc" },
    },
  );
});

test("a service shows what its tasks get of their hosts", () => {
  const task = {
    ContainerSpec: {
      Image: "bb:1",
      Mounts: [{ Type: "bind", Source: "/", Target: "/h" }],
      CapabilityAdd: ["CAP_SYS_ADMIN"],
      Sysctls: { "kernel.x": "1" },
      Privileges: { Seccomp: { Mode: "unconfined" }, AppArmor: { Mode: "disabled" } },
    },
    Networks: [{ Target: "host" }],
  };
  const facts = factsFor("POST", "/services/create", { Name: "s", TaskTemplate: task });
  const plugin = factsFor("POST", "/services/create", { TaskTemplate: { Runtime: "plugin", PluginSpec: {} } });
  assert.deepEqual(
    [
      some(facts, "hostBinds", "capAdd", "sysctls", "seccomp", "apparmor", "networkMode"),
      some(plugin, "privileged", "runtime"),
    ],
    [
      {
        hostBinds: ["/"],
        capAdd: ["CAP_SYS_ADMIN"],
        sysctls: ["kernel.x=1"],
        seccomp: "unconfined",
        apparmor: "unconfined",
        networkMode: "host",
      },
      { privileged: true, runtime: "plugin" },
    ],
  );
});

test("the facts of an action are those that the policy schema declares for it", async () => {
  const { readSchema } = await import("../../../src/policy/schema.ts");
  const { readFile } = await import("node:fs/promises");
  const schema = readSchema(await readFile(new URL("../../../policies/plimsoll.cedarschema", import.meta.url), "utf8"));
  const { routes } = await import("../../../src/engine/routes.ts");
  const { derivedFacts } = await import("../../../src/policy/derived-facts.ts");
  const wrong = routes.flatMap((route) => {
    const call = { ...callOf("GET", "/containers/json"), route };
    const facts = factsOf(pinnedCall(call), caller("alice"), enforcing);
    const declared = [...(schema.actions.get(route.action)?.facts ?? [])];
    const missing = declared.filter(([name]) => facts[name] === undefined && derivedFacts[name] === undefined);
    return missing.map(([name]) => `${route.action}: ${name}`);
  });
  assert.deepEqual(wrong, []);
});
