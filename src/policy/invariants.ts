// Every invariant, and what they object to together. A test holds the list to the files.

import type { Question, RuleRef } from "../model/decision.ts";
import type { Grant } from "../model/grant.ts";
import type { Invariant, Objection } from "./invariant.ts";
import { annotations } from "./invariants/annotations.ts";
import { buildHost } from "./invariants/build-host.ts";
import { buildkit } from "./invariants/buildkit.ts";
import { cgroupParent } from "./invariants/cgroup-parent.ts";
import { checkpoints } from "./invariants/checkpoints.ts";
import { debug } from "./invariants/debug.ts";
import { engineAuth } from "./invariants/engine-auth.ts";
import { engineSocket } from "./invariants/engine-socket.ts";
import { foreignObject } from "./invariants/foreign-object.ts";
import { foreignReference } from "./invariants/foreign-reference.ts";
import { foreignTag } from "./invariants/foreign-tag.ts";
import { libpod } from "./invariants/libpod.ts";
import { logDriver } from "./invariants/log-driver.ts";
import { plugins } from "./invariants/plugins.ts";
import { privateRegistry } from "./invariants/private-registry.ts";
import { remoteSource } from "./invariants/remote-source.ts";
import { runtime } from "./invariants/runtime.ts";
import { swarm } from "./invariants/swarm.ts";
import { unknownNamespace } from "./invariants/unknown-namespace.ts";
import { unknownSecurityOption } from "./invariants/unknown-security-option.ts";
import { unownedObject } from "./invariants/unowned-object.ts";
import { unownedReference } from "./invariants/unowned-reference.ts";
import { volumeDriver } from "./invariants/volume-driver.ts";

export const invariants: readonly Invariant[] = [
  annotations,
  buildHost,
  buildkit,
  cgroupParent,
  checkpoints,
  debug,
  engineAuth,
  engineSocket,
  foreignObject,
  foreignReference,
  foreignTag,
  libpod,
  logDriver,
  plugins,
  privateRegistry,
  remoteSource,
  runtime,
  swarm,
  unknownNamespace,
  unknownSecurityOption,
  unownedObject,
  unownedReference,
  volumeDriver,
];

export type InvariantFinding = Objection & { readonly rule: RuleRef };

/** What the invariants say against a call, each with the grant that would open it. */
export function objections(question: Question, grants: ReadonlySet<Grant>): readonly InvariantFinding[] {
  return invariants.flatMap((invariant) => {
    if (!invariant.applies(question) || isReleased(invariant, grants)) return [];
    const objection = invariant.check(question);
    return objection === undefined ? [] : [findingOf(invariant, objection)];
  });
}

export function isReleased(invariant: Invariant, grants: ReadonlySet<Grant>): boolean {
  return invariant.grants.some((grant) => grants.has(grant));
}

function findingOf(invariant: Invariant, { reason, remedy }: Objection): InvariantFinding {
  const askFor = `ask for the grant ${invariant.grants[0]}`;
  return {
    rule: { id: `invariant/${invariant.name}`, kind: "invariant", file: "", line: 0 },
    reason,
    remedy: remedy === "" ? askFor : `${remedy}, or ${askFor}`,
  };
}
