// Escalation classes stay shut under a policy that permits everything, and each opens by its own grant and no other.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "../../src/model/action.ts";
import type { Resource } from "../../src/model/decision.ts";
import type { Facts } from "../../src/model/facts.ts";
import type { Principal } from "../../src/model/principal.ts";
import { grantMeanings } from "../../src/policy/grants.ts";
import { invariants } from "../../src/policy/invariants.ts";
import type { PolicyEngine } from "../../src/policy/policy-engine.ts";
import { bob, load, own, question, shipped } from "./support.ts";

type Attempt = {
  readonly invariant: string;
  readonly action: Action;
  readonly facts?: Facts;
  readonly resource?: Partial<Resource>;
};

const create = "container.create";
const foreign = { id: "c1", name: "web", owner: "unix:eve" };
const unowned = { id: "c1", name: "web", owner: "" };

const attempts: readonly Attempt[] = [
  { invariant: "annotations", action: create, facts: { annotations: ["org.systemd.property.X"] } },
  { invariant: "build-host", action: "image.build", facts: { networkMode: "host" } },
  { invariant: "build-host", action: "image.build", facts: { networkMode: "container" } },
  { invariant: "build-host", action: "image.build", facts: { networkMode: "other" } },
  { invariant: "build-host", action: "image.build", facts: { cgroupParent: "/up" } },
  { invariant: "build-host", action: "image.build", facts: { securityOptions: ["seccomp=unconfined"] } },
  { invariant: "buildkit", action: "system.session" },
  { invariant: "buildkit", action: "system.grpc" },
  { invariant: "buildkit", action: "image.build", facts: { buildKit: true } },
  { invariant: "cgroup-parent", action: create, facts: { cgroupParent: "/docker/../../up" } },
  { invariant: "checkpoints", action: "container.checkpoint" },
  { invariant: "debug", action: "system.debug" },
  { invariant: "engine-auth", action: "system.auth" },
  { invariant: "engine-socket", action: create, facts: { bindsEngine: true } },
  { invariant: "engine-socket", action: "volume.create", facts: { bindsEngine: true } },
  { invariant: "foreign-object", action: "container.attach", resource: foreign },
  { invariant: "foreign-reference", action: create, facts: { foreignReferences: ["volume:tenantB_data"] } },
  { invariant: "foreign-reference", action: "image.build", facts: { foreignReferences: ["container:c2"] } },
  { invariant: "foreign-tag", action: "image.tag", facts: { foreignReferences: ["tag:docker.io/library/prod:app"] } },
  { invariant: "foreign-tag", action: "image.build", facts: { unownedReferences: ["tag:docker.io/library/prod:app"] } },
  { invariant: "libpod", action: "system.libpod" },
  { invariant: "log-driver", action: create, facts: { logDriver: "syslog" } },
  { invariant: "log-driver", action: create, facts: { logDriver: "JSON-FILE" } },
  { invariant: "plugins", action: "plugin.create" },
  { invariant: "plugins", action: "plugin.list" },
  { invariant: "private-registry", action: "image.pull", facts: { registryIsPrivate: true } },
  { invariant: "private-registry", action: "image.push", facts: { registryIsPrivate: true } },
  { invariant: "private-registry", action: "image.search", facts: { registryIsPrivate: true } },
  { invariant: "private-registry", action: "image.distribution", facts: { registryIsPrivate: true } },
  { invariant: "remote-source", action: "image.build", facts: { remote: "http://127.0.0.1/Dockerfile" } },
  { invariant: "remote-source", action: "image.import", facts: { remote: "http://169.254.169.254/" } },
  { invariant: "runtime", action: create, facts: { runtime: "io.containerd.runc.v2" } },
  { invariant: "swarm", action: "service.create" },
  { invariant: "swarm", action: "swarm.inspect" },
  { invariant: "swarm", action: "secret.list" },
  { invariant: "swarm", action: "node.update" },
  { invariant: "swarm", action: "config.inspect" },
  { invariant: "swarm", action: "task.logs" },
  { invariant: "unknown-namespace", action: create, facts: { pidMode: "other" } },
  { invariant: "unknown-namespace", action: create, facts: { networkMode: "" } },
  { invariant: "unknown-namespace", action: create, facts: { utsMode: "container" } },
  {
    invariant: "unknown-security-option",
    action: create,
    facts: { otherSecurityOptions: ["no-new-privileges=false"] },
  },
  { invariant: "unknown-security-option", action: create, facts: { seccomp: "off" } },
  { invariant: "unowned-object", action: "container.inspect", resource: unowned },
  { invariant: "unowned-reference", action: create, facts: { unownedReferences: ["container:c2"] } },
  { invariant: "volume-driver", action: create, facts: { volumeDrivers: ["local", "local:overlay"] } },
  { invariant: "volume-driver", action: create, facts: { volumeDrivers: ["plugin:sshfs"] } },
  { invariant: "volume-driver", action: create, facts: { volumeDrivers: ["cluster"] } },
  { invariant: "volume-driver", action: "volume.create", facts: { driver: "local:proc" } },
];

function denials(engine: PolicyEngine, attempt: Attempt, principal: Principal = bob): readonly string[] {
  const { action, facts = {}, resource = {} } = attempt;
  const { verdict, rules } = engine.decide(question(action, facts, { principal, resource }));
  return verdict === "allow" ? [] : rules.map((rule) => rule.id);
}

test("under a policy that permits everything each attempt is denied by its invariant", () => {
  const engine = load(shipped("observe"));
  assert.deepEqual(
    attempts.map((attempt) => denials(engine, attempt)),
    attempts.map(({ invariant }) => [`invariant/${invariant}`]),
  );
});

test("every invariant is attempted", () => {
  assert.deepEqual(
    invariants.map(({ name }) => name).filter((name) => !attempts.some(({ invariant }) => invariant === name)),
    [],
  );
});

test("each grant opens the invariants that name it and no other", () => {
  const grants = Object.keys(grantMeanings);
  const permits = grants.map(
    (grant) => `@id("g-${grant.replace(".", "-")}")
      permit(principal in Group::"${grant}", action == Action::"grant", resource == Grant::"${grant}");`,
  );
  const engine = load(shipped("observe"), own(permits.join("\n")));
  const opened = grants.map((grant) =>
    attempts.filter((attempt) => denials(engine, attempt, { ...bob, groups: [grant] }).length === 0),
  );
  assert.deepEqual(
    opened,
    grants.map((grant) => attempts.filter(({ invariant }) => opens(grant, invariant))),
  );
});

function opens(grant: string, name: string): boolean {
  return invariants.some((invariant) => invariant.name === name && invariant.grants.some((each) => each === grant));
}

test("a remedy names the grant to ask for", () => {
  const { remedy } = load(shipped("observe")).decide(question("system.session"));
  assert.equal(
    remedy,
    "set DOCKER_BUILDKIT=0 to build with the classic builder, or ask for the grant build.unrestricted",
  );
});

test("everybody uses shared things, and nobody takes them away", () => {
  const engine = load(shipped("baseline"));
  const resource = { id: "n1", name: "bridge", isShared: true };
  const verdictOf = (action: Action) => engine.decide(question(action, {}, { resource })).verdict;
  const actions: readonly Action[] = [
    "network.connect",
    "network.disconnect",
    "image.inspect",
    "network.remove",
    "image.remove",
  ];
  assert.deepEqual(actions.map(verdictOf), ["allow", "allow", "allow", "deny", "deny"]);
});

test("a hostile name cannot write control characters into a reason", () => {
  const resource = { id: "c1", name: "a\u001b[2Jb\u202e", owner: "unix:eve" };
  const { reason } = load(shipped("baseline")).decide(question("container.inspect", {}, { resource }));
  assert.doesNotMatch(reason, /\p{C}/u);
});
