// Facts of container.create and container.update, and of services, whose tasks are containers: everything that reaches past the container's own walls.

import { fieldAt, integerAt, isTrueAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import { isRootUser } from "../../base/root-user.ts";
import type { CallFacts, ContainerFacts } from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { KnownFacts, PinnedCall } from "../call.ts";
import { objectIn } from "../references/edit-json.ts";
import { endpointOptions } from "./endpoint-options.ts";
import { hostMode, ipcMode, networkMode, pidMode, securityOptions, strongestMode } from "./modes.ts";
import { mountFacts } from "./mounts.ts";
import { publishedPorts, publishesPrivilegedPort } from "./ports.ts";
import { serviceAsContainer } from "./service-as-container.ts";
import { capability, objectsOf, pairsOf, sortedSet } from "./values.ts";

export function containerFacts(call: CallFacts, pinned: PinnedCall): ContainerFacts {
  const body = bodyOf(pinned);
  const host = objectIn(body, "HostConfig");
  return {
    ...call,
    ...privilegeFacts(host, pinned.known),
    ...mountFacts(body, pinned.known),
    ...namespaceFacts(host, body, pinned),
    ...resourceFacts(host),
    ...surroundingFacts(host),
    sysctls: sortedSet([...pairsOf(textMapAt(host, "Sysctls")), ...endpointOptions(body)]),
    ...imageFacts(body, pinned.known, pinned),
  };
}

/** An update carries its resources at the top; a create in HostConfig; a service in its task. */
function bodyOf({ call }: PinnedCall): JsonObject {
  const value = call.body.kind === "json" ? call.body.value : {};
  if (call.route.action === "container.update") return { HostConfig: value };
  return call.route.action === "container.create" ? value : serviceAsContainer(value);
}

function privilegeFacts(host: JsonObject, { hardened }: KnownFacts) {
  const options = securityOptions(textsAt(host, "SecurityOpt").filter((option) => !isOperators(option, hardened)));
  const hasOwnPaths = [fieldAt(host, "MaskedPaths"), fieldAt(host, "ReadonlyPaths")].some(Array.isArray);
  return {
    privileged: isTrueAt(host, "Privileged"),
    capAdd: sortedSet([...textsAt(host, "CapAdd"), ...textsAt(host, "Capabilities")].map(capability)),
    capDrop: sortedSet(textsAt(host, "CapDrop").map(capability)),
    devices: sortedSet(objectsOf(host["Devices"]).map((device) => textAt(device, "PathOnHost"))),
    deviceRules: sortedSet(textsAt(host, "DeviceCgroupRules")),
    deviceRequests: objectsOf(host["DeviceRequests"]).length > 0,
    seccomp: options.seccomp,
    apparmor: options.apparmor,
    selinux: options.selinux,
    otherSecurityOptions: sortedSet(options.other),
    noNewPrivileges: options.noNewPrivileges,
    systemPathsUnconfined: options.systemPathsUnconfined || hasOwnPaths,
    profiles: sortedSet(hardened?.profiles ?? []),
    profileRuntime: hardened?.chosen.runtime ?? "",
  };
}

/** A filter or label that a profile put there is the operator's choice, and counts as the default. */
function isOperators(option: string, hardened: KnownFacts["hardened"]): boolean {
  const isLabel = /^(?:seccomp|apparmor|label)=/.test(option);
  return isLabel && hardened?.chosen.securityOptions.includes(option) === true;
}

function namespaceFacts(host: JsonObject, body: JsonObject, pinned: PinnedCall) {
  const endpoints = Object.keys(objectIn(objectIn(body, "NetworkingConfig"), "EndpointsConfig"));
  const known = pinned.references
    .filter(({ role }) => role === "network")
    .map(({ id, name }) => (id === "" ? name : id));
  return {
    pidMode: pidMode(textAt(host, "PidMode")),
    ipcMode: ipcMode(textAt(host, "IpcMode")),
    networkMode: strongestMode([textAt(host, "NetworkMode"), ...endpoints].map(networkMode)),
    networks: sortedSet(known),
    utsMode: hostMode(textAt(host, "UTSMode")),
    cgroupnsMode: hostMode(textAt(host, "CgroupnsMode")),
    usernsMode: hostMode(textAt(host, "UsernsMode")),
  };
}

function resourceFacts(host: JsonObject) {
  return {
    oomScoreAdj: integerAt(host, "OomScoreAdj"),
    oomKillDisable: isTrueAt(host, "OomKillDisable"),
    memory: integerAt(host, "Memory"),
    pidsLimit: integerAt(host, "PidsLimit"),
    ulimits: sortedSet(
      objectsOf(host["Ulimits"]).map(
        (limit) => `${textAt(limit, "Name")}=${integerAt(limit, "Soft")}:${integerAt(limit, "Hard")}`,
      ),
    ),
    storageOptions: Object.keys(objectIn(host, "StorageOpt")).length > 0,
  };
}

function surroundingFacts(host: JsonObject) {
  const ports = publishedPorts(host);
  return {
    runtime: textAt(host, "Runtime"),
    cgroupParent: textAt(host, "CgroupParent"),
    groupAdd: sortedSet(textsAt(host, "GroupAdd")),
    publishedPorts: ports,
    publishesPrivilegedPort: publishesPrivilegedPort(ports),
    publishAllPorts: isTrueAt(host, "PublishAllPorts"),
    restartPolicy: textAt(host, "RestartPolicy", "Name") || "no",
    links: textsAt(host, "Links").length > 0,
    volumesFrom: textsAt(host, "VolumesFrom").length > 0,
    logDriver: textAt(host, "LogConfig", "Type"),
    annotations: sortedSet(Object.keys(objectIn(host, "Annotations"))),
    containerIdFile: textAt(host, "ContainerIDFile"),
    readOnlyRoot: isTrueAt(host, "ReadonlyRootfs"),
  };
}

function imageFacts(body: JsonObject, known: KnownFacts, pinned: PinnedCall) {
  const user = textAt(body, "User");
  const asked = pinned.references.find(({ role }) => role === "image")?.name ?? textAt(body, "Image");
  return {
    user,
    runsAsRoot: isRootUser(user === "" ? known.imageUser : user),
    image: asked,
    imageId: known.imageId,
  };
}
