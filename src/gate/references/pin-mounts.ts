// Binds and mounts of a create body: host paths are followed to where they lead, volumes and images are looked up.
// Source: moby/moby, volume/mounts/linux_parser.go (ParseMountRaw, ParseVolumesFrom).

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { pinBindSource } from "./bind-source.ts";
import { changeField, changeText, isJsonObject, objectIn } from "./edit-json.ts";
import { isBindMount } from "./local-driver.ts";
import { type Pinning, pinContainer, pinImage, pinVolume } from "./pinning.ts";

/** `/host/path:/target[:mode]` or `volume:/target[:mode]`; one part alone is an anonymous volume. */
export async function pinBind(pinning: Pinning, bind: string): Promise<string> {
  const [source = "", ...rest] = bind.split(":");
  if (rest.length === 0 || source === "") return bind;
  if (source.startsWith("/")) return [await pinBindSource(pinning, source), ...rest].join(":");
  await pinExistingVolume(pinning, source);
  return bind;
}

export async function pinVolumesFrom(pinning: Pinning, text: string): Promise<string> {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  return `${await pinContainer(pinning, name)}${colon < 0 ? "" : text.slice(colon)}`;
}

export async function pinMount(pinning: Pinning, mount: JsonValue): Promise<JsonValue> {
  if (!isJsonObject(mount)) return mount;
  const source = textAt(mount, "Source");
  switch (textAt(mount, "Type")) {
    case "bind":
      return source.startsWith("/") ? { ...mount, Source: await pinBindSource(pinning, source) } : mount;
    case "volume":
    case "cluster":
      if (source !== "") await pinExistingVolume(pinning, source);
      return pinInlineVolume(pinning, mount);
    case "image":
      return { ...mount, Source: (await pinImage(pinning, source))?.id ?? source };
    default:
      return mount;
  }
}

/** Driver options whose device is a path of the host, as `volumes/create` and inline volumes carry them. */
export async function pinDriverOptions(pinning: Pinning, driver: string, options: JsonObject): Promise<JsonObject> {
  if ((driver !== "" && driver !== "local") || !isBindMount(options)) return options;
  return changeField(options, "device", (device) =>
    changeText(device, (path) => pinBindSource(pinning, path.startsWith("/") ? path : `/${path}`)),
  );
}

async function pinInlineVolume(pinning: Pinning, mount: JsonObject): Promise<JsonValue> {
  const volumeOptions = objectIn(mount, "VolumeOptions");
  const config = objectIn(volumeOptions, "DriverConfig");
  if (!isJsonObject(config["Options"])) return mount;
  const options = await pinDriverOptions(pinning, textAt(config, "Name"), config["Options"]);
  return { ...mount, VolumeOptions: { ...volumeOptions, DriverConfig: { ...config, Options: options } } };
}

/** A volume that is there may be a host path under another name. */
async function pinExistingVolume(pinning: Pinning, name: string): Promise<void> {
  await pinVolume(pinning, name);
  const options = pinning.volumeOptions.get(name);
  const device = options?.["device"] ?? "";
  if (options !== undefined && isBindMount(options) && device !== "") await pinBindSource(pinning, device);
}
