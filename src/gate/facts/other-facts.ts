// Facts of exec, build, images, volumes, networks and checkpoints.

import { isTrueAt, listAt, textAt, textMapAt } from "../../base/reading.ts";
import { withoutCredentials } from "../../base/redact-url.ts";
import { readReference } from "../../base/reference.ts";
import { isRootUser } from "../../base/root-user.ts";
import type {
  BuildFacts,
  CallFacts,
  CheckpointFacts,
  ExecFacts,
  ImageFacts,
  NetworkFacts,
  VolumeFacts,
} from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { PinnedCall } from "../call.ts";
import { reachesProtected } from "../references/protected-paths.ts";
import { networkMode } from "./modes.ts";
import { isPrivateRegistry } from "./registry.ts";
import { takesHostAddresses } from "./subnets.ts";
import { pairsOf, sortedSet } from "./values.ts";
import { driverUse } from "./volume-driver.ts";

const bodyOf = ({ call }: PinnedCall): JsonObject => (call.body.kind === "json" ? call.body.value : {});
const first = ({ call }: PinnedCall, key: string): string => call.query[key]?.[0] ?? "";
const tagsOf = (pinned: PinnedCall): readonly string[] =>
  sortedSet(pinned.references.filter(({ role }) => role === "tag").map(({ name }) => name));

export function execFacts(call: CallFacts, pinned: PinnedCall): ExecFacts {
  const body = bodyOf(pinned);
  const user = textAt(body, "User");
  return {
    ...call,
    privileged: isTrueAt(body, "Privileged"),
    user,
    runsAsRoot: isRootUser(user === "" ? pinned.known.containerUser : user),
  };
}

export function buildFacts(call: CallFacts, pinned: PinnedCall): BuildFacts {
  return {
    ...call,
    networkMode: networkMode(first(pinned, "networkmode")),
    cgroupParent: first(pinned, "cgroupparent"),
    securityOptions: sortedSet((pinned.call.query["securityopt"] ?? []).filter((option) => option !== "")),
    remote: withoutCredentials(first(pinned, "remote")),
    tags: tagsOf(pinned),
    // "1" is the classic builder; versions that are not known yet are not.
    buildKit: !["", "1"].includes(first(pinned, "version")) || first(pinned, "session") !== "",
  };
}

export function imageFacts(call: CallFacts, pinned: PinnedCall): ImageFacts {
  const registry = registryOf(pinned);
  const source = first(pinned, "fromSrc");
  return {
    ...call,
    registry,
    registryIsPrivate: registry !== "" && isPrivateRegistry(registry),
    remote: source === "-" ? "" : withoutCredentials(source),
    tags: tagsOf(pinned),
  };
}

/** The host that the engine would talk to; "" when none takes part. */
function registryOf(pinned: PinnedCall): string {
  const { call } = pinned;
  switch (call.route.action) {
    case "image.pull":
      return domainOf(first(pinned, "fromImage"));
    case "image.search":
      return searchDomain(first(pinned, "term"));
    case "image.push":
    case "image.distribution":
      return domainOf(Object.values(call.params)[0] ?? "");
    case "system.auth":
      return serverOf(textAt(bodyOf(pinned), "serveraddress"));
    default:
      return "";
  }
}

/** What cannot be read as a name counts as a private registry, so that nobody gets there by a spelling. */
function domainOf(name: string): string {
  return readReference(name)?.domain ?? "unknown";
}

function searchDomain(term: string): string {
  const head = term.split("/", 1)[0] ?? "";
  return term.includes("/") && /[.:]|^localhost$/.test(head) ? head : "docker.io";
}

function serverOf(address: string): string {
  if (address === "") return "docker.io";
  const host = /^(?:https?:\/\/)?(?:[^/@]*@)?([^/]+)/i.exec(address)?.[1] ?? "unknown";
  return host === "index.docker.io" ? "docker.io" : host;
}

export function volumeFacts(call: CallFacts, pinned: PinnedCall): VolumeFacts {
  const body = bodyOf(pinned);
  const use = driverUse(textAt(body, "Driver"), textMapAt(body, "DriverOpts"));
  const path = use.binds === undefined ? undefined : (pinned.known.realPaths[use.binds] ?? use.binds);
  return {
    ...call,
    driver: use.kind,
    hostBinds: path === undefined ? [] : [path],
    bindsEngine: path !== undefined && reachesProtected(path, pinned.known.protectedPaths),
  };
}

/** Options that stay inside the network. Every other one may reach the host's interfaces, so unknown ones count as such. */
const harmlessOptions: ReadonlySet<string> = new Set([
  "com.docker.network.bridge.enable_icc",
  "com.docker.network.bridge.enable_ip_masquerade",
  "com.docker.network.driver.mtu",
  "com.docker.network.container_iface_prefix",
  "com.docker.network.enable_ipv4",
  "com.docker.network.enable_ipv6",
]);

export function networkFacts(call: CallFacts, pinned: PinnedCall): NetworkFacts {
  const body = bodyOf(pinned);
  const driver = textAt(body, "Driver") || "bridge";
  const options = textMapAt(body, "Options");
  const isPlain =
    ["default", "bridge", "overlay"].includes(driver) && /^(?:default)?$/.test(textAt(body, "IPAM", "Driver"));
  return {
    ...call,
    driver,
    options: pairsOf(options),
    usesHostInterface:
      !isPlain ||
      chosenSubnets(body).some((subnet) => takesHostAddresses(subnet, pinned.known.hostSubnets ?? [])) ||
      Object.keys(options).some((key) => !harmlessOptions.has(key)) ||
      textAt(body, "ConfigFrom", "Network") !== "" ||
      isTrueAt(body, "ConfigOnly") ||
      isTrueAt(body, "Ingress"),
  };
}

/** Without a subnet the engine takes one that is free. */
function chosenSubnets(body: JsonObject): readonly string[] {
  return listAt(body, "IPAM", "Config")
    .map((part) => textAt(part, "Subnet"))
    .filter((subnet) => subnet !== "");
}

export function checkpointFacts(call: CallFacts, pinned: PinnedCall): CheckpointFacts {
  return {
    ...call,
    directory: textAt(bodyOf(pinned), "CheckpointDir") || first(pinned, "dir") || first(pinned, "checkpoint-dir"),
  };
}
