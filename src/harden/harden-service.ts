// A service of a swarm + profiles -> the same service whose tasks have no more than the profiles leave them. A service says
// less about its tasks than a create says about a container: what cannot be said is named, and nothing is left out in silence.
// Source: Engine API, TaskSpec; its version history: 1.41 capabilities and Limits.Pids, 1.44 NoNewPrivileges and Seccomp. An
// engine drops such fields from requests of an older version without a word.

import { fieldAt, integerAt, isFields, isTrueAt, listAt, textAt, textsAt } from "../base/reading.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { ChosenByProfile, Profile } from "../model/profile.ts";
import type { ImageDefaults } from "./control.ts";
import { harden } from "./harden.ts";
import { hostConfigOf, optionsOf } from "./request.ts";

export type HardenedService = {
  readonly request: JsonObject;
  /** Sentences for the caller, without a full stop. */
  readonly changes: readonly string[];
  readonly chosen: ChosenByProfile;
  /** Controls that the profiles want and no service of this version can carry, each with its reason. */
  readonly unable: readonly string[];
};

/** @param apiVersion of the request as the engine gets it, `1.44` @param request body of POST /services/create */
export function hardenService(
  request: JsonObject,
  profiles: readonly Profile[],
  { image, apiVersion }: { readonly image: ImageDefaults; readonly apiVersion: string },
): HardenedService {
  const hardened = harden(asContainer(request), profiles, image);
  const hasMemory = profiles.some(({ memory }) => memory !== undefined);
  const swap = hasMemory ? ["swap beside the memory of a service is not limited"] : [];
  return {
    request: written(request, hardened.request, hasMemory),
    changes: [...hardened.changes, ...swap],
    chosen: { securityOptions: chosenOptions(profiles), runtime: "" },
    unable: [...new Set(profiles.flatMap((profile) => unableOf(profile, apiVersion)))],
  };
}

/** First version of the API whose services carry the control; none does where there is no version. */
const carriedSince: Readonly<Record<string, readonly [keyof Profile, number?]>> = {
  capabilities: ["capabilities", 41],
  "pids-limit": ["pidsLimit", 41],
  "no-new-privileges": ["noNewPrivileges", 44],
  seccomp: ["seccomp", 44],
  apparmor: ["apparmor"],
  runtime: ["runtime"],
  "levels of the watch": ["protections"],
  "connect list": ["connect"],
  "bind list": ["bind"],
};

function unableOf(profile: Profile, apiVersion: string): readonly string[] {
  const minor = Number(/^1\.(\d+)$/.exec(apiVersion)?.[1] ?? 0);
  return Object.entries(carriedSince).flatMap(([name, [key, since]]) => {
    if (profile[key] === undefined || (since !== undefined && minor >= since)) return [];
    return [
      since === undefined ? `${name} (no service can say it)` : `${name} (needs API 1.${since}, this is ${apiVersion})`,
    ];
  });
}

/** What controls read, under the names that a create has for it. */
function asContainer(service: JsonObject): JsonObject {
  const spec = objectAt(service, "TaskTemplate", "ContainerSpec");
  const resources = objectAt(service, "TaskTemplate", "Resources");
  const memory = integerAt(resources, "Limits", "MemoryBytes");
  return {
    User: textAt(spec, "User"),
    HostConfig: {
      CapAdd: textsAt(spec, "CapabilityAdd"),
      CapDrop: textsAt(spec, "CapabilityDrop"),
      ReadonlyRootfs: isTrueAt(spec, "ReadOnly"),
      Mounts: listAt(spec, "Mounts").filter(isJsonObject),
      PidsLimit: integerAt(resources, "Limits", "Pids"),
      // A service has no word for swap: as if it were the memory's, so that it alone is no change.
      ...{ Memory: memory, MemorySwap: memory },
      MemoryReservation: integerAt(resources, "Reservations", "MemoryBytes"),
      SecurityOpt: isTrueAt(spec, "Privileges", "NoNewPrivileges") ? ["no-new-privileges"] : [],
    },
  };
}

/** The service with what the controls have left in the container. */
function written(service: JsonObject, container: JsonObject, hasMemory: boolean): JsonObject {
  const host = hostConfigOf(container);
  const task = objectAt(service, "TaskTemplate");
  const spec = objectAt(task, "ContainerSpec");
  const user = textAt(container, "User");
  return {
    ...service,
    TaskTemplate: {
      ...task,
      ContainerSpec: {
        ...spec,
        ...(user === "" ? {} : { User: user }),
        ...listed(spec, "CapabilityAdd", textsAt(host, "CapAdd")),
        ...listed(spec, "CapabilityDrop", textsAt(host, "CapDrop")),
        ...(isTrueAt(host, "ReadonlyRootfs") ? { ReadOnly: true } : {}),
        ...listed(spec, "Mounts", [...listAt(host, "Mounts").filter(isJsonObject), ...temporary(host)]),
        ...privilegesOf(spec, container),
      },
      ...resourcesOf(task, host, hasMemory),
    },
  };
}

/** An empty list replaces one that is there. */
function listed(spec: JsonObject, key: string, values: readonly JsonValue[]): JsonObject {
  return values.length === 0 && !Object.hasOwn(spec, key) ? {} : { [key]: values };
}

/** Engines mount the tmpfs of a task noexec, nosuid and nodev. Source: moby, daemon/oci_linux.go (withMounts). */
function temporary(host: JsonObject): readonly JsonObject[] {
  return Object.keys(objectAt(host, "Tmpfs")).map((path) => ({ Type: "tmpfs", Target: path }));
}

function privilegesOf(spec: JsonObject, container: JsonObject): JsonObject {
  const [seccomp] = optionsOf(container, "seccomp");
  const labels = optionsOf(container, "label").map((option) => option.slice("label=".length).split(":"));
  const ofLabel = (kind: string): string | undefined =>
    labels
      .find(([name]) => name === kind)
      ?.slice(1)
      .join(":");
  const [type, level] = [ofLabel("type"), ofLabel("level")];
  const profile = seccomp === undefined ? "" : Buffer.from(seccomp.slice("seccomp=".length)).toString("base64");
  const changed: JsonObject = {
    ...(optionsOf(container, "no-new-privileges").length > 0 ? { NoNewPrivileges: true } : {}),
    ...(seccomp === undefined ? {} : { Seccomp: { Mode: "custom", Profile: profile } }),
    ...(labels.length === 0
      ? {}
      : {
          SELinuxContext: {
            ...(type === undefined ? {} : { Type: type }),
            ...(level === undefined ? {} : { Level: level }),
          },
        }),
  };
  return Object.keys(changed).length === 0 ? {} : { Privileges: { ...objectAt(spec, "Privileges"), ...changed } };
}

function resourcesOf(task: JsonObject, host: JsonObject, hasMemory: boolean): JsonObject {
  const { SwapBytes: _, MemorySwappiness: __, ...others } = objectAt(task, "Resources");
  const resources = hasMemory ? others : objectAt(task, "Resources");
  const [memory, pids] = [integerAt(host, "Memory"), integerAt(host, "PidsLimit")];
  const limits: JsonObject = {
    ...(memory > 0 ? { MemoryBytes: memory } : {}),
    ...(pids > 0 ? { Pids: pids } : {}),
  };
  const reserved = integerAt(host, "MemoryReservation");
  const changed: JsonObject = {
    ...(Object.keys(limits).length > 0 ? { Limits: { ...objectAt(resources, "Limits"), ...limits } } : {}),
    ...(reserved > 0 ? { Reservations: { ...objectAt(resources, "Reservations"), MemoryBytes: reserved } } : {}),
  };
  return Object.keys(resources).length + Object.keys(changed).length === 0
    ? {}
    : { Resources: { ...resources, ...changed } };
}

/** As facts read them of a service: the operator's choice, not the caller's. */
function chosenOptions(profiles: readonly Profile[]): readonly string[] {
  const has = (key: "seccomp" | "selinux"): boolean => profiles.some((profile) => profile[key] !== undefined);
  return [...(has("seccomp") ? ["seccomp=custom"] : []), ...(has("selinux") ? ["label=custom"] : [])];
}

function objectAt(value: JsonObject, ...path: readonly string[]): JsonObject {
  const found: unknown = fieldAt(value, ...path);
  return isJsonObject(found) ? found : {};
}

/** Every value in a decoded body is JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return isFields(value);
}
