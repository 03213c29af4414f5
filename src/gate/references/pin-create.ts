// Every name in the body of a container create, replaced by what it means now.
// Source: moby/moby, api/types/container/hostconfig.go (modes), opts/opts.go (ParseLink).

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { changeField, changeItems, changeKeys, changeText, isJsonObject, objectIn } from "./edit-json.ts";
import type { FoundImage } from "./found.ts";
import { pinBind, pinMount, pinVolumesFrom } from "./pin-mounts.ts";
import { type Pinning, pinContainer, pinImage, pinNetwork } from "./pinning.ts";

export type PinnedCreate = { readonly body: JsonObject; readonly image: FoundImage | undefined };

type Change = (pinning: Pinning, value: JsonValue) => Promise<JsonValue>;

const hostConfigChanges: readonly (readonly [string, Change])[] = [
  ["Binds", (pinning, list) => changeItems(list, (bind) => changeText(bind, (text) => pinBind(pinning, text)))],
  ["Mounts", (pinning, list) => changeItems(list, (mount) => pinMount(pinning, mount))],
  [
    "VolumesFrom",
    (pinning, list) => changeItems(list, (item) => changeText(item, (name) => pinVolumesFrom(pinning, name))),
  ],
  ["Links", pinLinks],
  ["NetworkMode", (pinning, mode) => changeText(mode, (text) => pinNetworkMode(pinning, text))],
  ["PidMode", pinMode],
  ["IpcMode", pinMode],
  ["UsernsMode", pinMode],
  ["UTSMode", pinMode],
  ["Cgroup", pinMode],
];

export async function pinCreate(pinning: Pinning, body: JsonObject): Promise<PinnedCreate> {
  let hostConfig = objectIn(body, "HostConfig");
  for (const [key, change] of hostConfigChanges) {
    if (!Object.hasOwn(hostConfig, key)) continue;
    hostConfig = await changeField(hostConfig, key, (value) => change(pinning, value));
  }
  const withNetworks = await changeField({ ...body, HostConfig: hostConfig }, "NetworkingConfig", (config) =>
    isJsonObject(config)
      ? changeField(config, "EndpointsConfig", (map) => pinEndpoints(pinning, map))
      : settled(config),
  );
  const name = textAt(body, "Image");
  if (name === "") return { body: withNetworks, image: undefined };
  const image = await pinImage(pinning, name);
  return { body: image === undefined ? withNetworks : { ...withNetworks, Image: image.id }, image };
}

/** One endpoint: the containers it links to, and the network it names once more. */
export async function pinEndpoint(pinning: Pinning, endpoint: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(endpoint)) return endpoint;
  const linked = await changeField(endpoint, "Links", (list) => pinLinks(pinning, list));
  return changeField(linked, "NetworkID", (id) => changeText(id, (name) => pinNetwork(pinning, name)));
}

export async function pinNetworkMode(pinning: Pinning, mode: string): Promise<string> {
  if (mode.startsWith("container:")) return pinContainerMode(pinning, mode);
  // Other modes with a colon (`ns:/path`, Podman) name no network; the facts call them `other`.
  if (["default", "bridge", "host", "none"].includes(mode) || mode.includes(":")) return mode;
  return pinNetwork(pinning, mode);
}

async function pinEndpoints(pinning: Pinning, map: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(map)) return map;
  const entries: [string, JsonValue][] = [];
  for (const [name, endpoint] of Object.entries(map)) entries.push([name, await pinEndpoint(pinning, endpoint)]);
  return changeKeys(Object.fromEntries(entries), (name) => pinNetworkMode(pinning, name));
}

function pinLinks(pinning: Pinning, list: JsonValue): Promise<JsonValue> {
  return changeItems(list, (item) => changeText(item, (link) => pinLink(pinning, link)));
}

/** `name[:alias]`, or `/name:/child/alias` as inspect shows it. */
async function pinLink(pinning: Pinning, link: string): Promise<string> {
  const [name = "", alias = name] = link.split(":");
  const plainName = name.replace(/^\//, "");
  const plainAlias = alias.slice(alias.lastIndexOf("/") + 1);
  return `${await pinContainer(pinning, plainName)}:${plainAlias}`;
}

function pinMode(pinning: Pinning, mode: JsonValue): Promise<JsonValue> {
  return changeText(mode, (text) => (text.startsWith("container:") ? pinContainerMode(pinning, text) : settled(text)));
}

async function pinContainerMode(pinning: Pinning, mode: string): Promise<string> {
  return `container:${await pinContainer(pinning, mode.slice("container:".length))}`;
}

async function settled<T>(value: T): Promise<T> {
  return value;
}
