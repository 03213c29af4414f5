// Every name in a call, replaced by the engine's full id before anything is decided: what was decided is what is sent.

import { decodeJson } from "../../base/json.ts";
import { fieldsAt, textAt } from "../../base/reading.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
import type { Call, KnownFacts, PinnedCall } from "../call.ts";
import { Refusal } from "../refusal.ts";
import { changeField, changeText, isJsonObject, objectIn } from "./edit-json.ts";
import type { FoundImage } from "./found.ts";
import { hostSubnets } from "./host-subnets.ts";
import type { Lookup } from "./lookup.ts";
import { pinCreate, pinEndpoint } from "./pin-create.ts";
import { pinBuild, pinCommit, pinPull, pinPush, pinSave, pinTarget, queryText } from "./pin-images.ts";
import { pinDriverOptions } from "./pin-mounts.ts";
import { pinResource } from "./pin-resource.ts";
import { pinService } from "./pin-swarm.ts";
import { type Pinned, type Pinning, pinContainer, pinImage, pinNetwork, pinVolume } from "./pinning.ts";

/** @throws Refusal for names that are none; PlimsollError ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function pinReferences(call: Call, lookup: Lookup, principal: Principal): Promise<PinnedCall> {
  const pinning: Pinning = {
    lookup,
    owner: principal.owner,
    references: [],
    realPaths: new Map(),
    volumeOptions: new Map(),
  };
  const target = await pinResource(pinning, call);
  if (call.route.action === "container.create") return pinContainerCreate(pinning, target.call, target.resource);
  const { call: pinned, resource = target.resource } = await pinRest(pinning, target.call);
  const user = call.route.action === "exec.create" ? ((await lookup.container(resource.id))?.user ?? "") : "";
  const hosts = call.route.action === "network.create" ? { hostSubnets: hostSubnets() } : {};
  const known = { ...(await knownFacts(pinning, undefined, user)), ...hosts };
  return { call: pinned, resource, references: pinning.references, known };
}

async function pinContainerCreate(pinning: Pinning, call: Call, resource: PinnedCall["resource"]): Promise<PinnedCall> {
  const { body, image } = await pinCreate(pinning, call.body.kind === "json" ? call.body.value : {});
  const named = { ...resource, name: queryText(call, "name") };
  const known = await knownFacts(pinning, image, "");
  return { call: withBody(call, body), resource: named, references: pinning.references, known };
}

async function pinRest(pinning: Pinning, call: Call): Promise<Pinned> {
  const { action } = call.route;
  switch (action) {
    case "container.list":
      return noteFilters(pinning, call, {
        ancestor: pinImage,
        before: pinContainer,
        since: pinContainer,
        network: pinNetwork,
        volume: pinVolume,
      });
    case "image.list":
      return noteFilters(pinning, call, { before: pinImage, since: pinImage });
    case "container.commit":
      return pinCommit(pinning, call);
    case "network.connect":
    case "network.disconnect":
      return changeBody(call, async (body) => {
        const named = await changeField(body, "Container", (name) =>
          changeText(name, (text) => pinContainer(pinning, text)),
        );
        refuseEndpointOptions(fieldsAt(body, "EndpointConfig", "DriverOpts"));
        return changeField(named, "EndpointConfig", (endpoint) => pinEndpoint(pinning, endpoint));
      });
    case "network.create":
      return pinNetworkCreate(pinning, call);
    case "volume.create":
      return pinVolumeCreate(pinning, call);
    case "image.build":
      return pinBuild(pinning, call);
    case "image.pull":
      return pinPull(pinning, call);
    case "image.import":
    case "image.tag":
      return pinTarget(pinning, call);
    case "image.push":
      return pinPush(pinning, call);
    case "image.save":
      return pinSave(pinning, call);
    case "service.create":
    case "service.update":
      return changeBody(call, (body) => pinService(pinning, body));
    default:
      return { call };
  }
}

/** A create has facts for them (they set kernel settings); a running container has no need of them. */
function refuseEndpointOptions(options: object): void {
  if (Object.keys(options).length === 0) return;
  throw new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/endpoint-options",
    reason: "driver options of an endpoint can change kernel settings of a running container",
    hint: "give the options when you create the container",
  });
}

type Note = (pinning: Pinning, name: string) => Promise<unknown>;

/** Filters of lists: what is not there finds nothing, what is there has an owner like any other reference. */
async function noteFilters(pinning: Pinning, call: Call, notes: Readonly<Record<string, Note>>): Promise<Pinned> {
  const text = queryText(call, "filters");
  const filters = text === "" ? {} : decodeJson(new TextEncoder().encode(text));
  for (const [key, note] of Object.entries(notes)) {
    const names = [...Object.keys(fieldsAt(filters, key)), ...(call.query[key] ?? [])];
    for (const name of names) await note(pinning, name);
  }
  const found = pinning.references.filter((reference) => reference.exists);
  pinning.references.splice(0, pinning.references.length, ...found);
  return { call };
}

/** Networks may share a name; a second one under a foreign name would be taken for the first. */
async function pinNetworkCreate(pinning: Pinning, call: Call): Promise<Pinned> {
  return changeBody(call, async (body) => {
    const name = textAt(body, "Name");
    if ((await pinning.lookup.network(name, pinning.owner)) !== undefined) await pinNetwork(pinning, name);
    return changeField(body, "ConfigFrom", async (from) => {
      if (!isJsonObject(from)) return from;
      return changeField(from, "Network", (network) => changeText(network, (text) => pinNetwork(pinning, text)));
    });
  });
}

/** The engine answers with the volume that has the name already: then it is that one that is asked for. */
async function pinVolumeCreate(pinning: Pinning, call: Call): Promise<Pinned> {
  return changeBody(call, async (body) => {
    const name = textAt(body, "Name");
    if (name !== "" && (await pinning.lookup.volume(name)) !== undefined) await pinVolume(pinning, name);
    const options = await pinDriverOptions(pinning, textAt(body, "Driver"), objectIn(body, "DriverOpts"));
    return Object.hasOwn(body, "DriverOpts") ? { ...body, DriverOpts: options } : body;
  });
}

async function knownFacts(pinning: Pinning, image: FoundImage | undefined, containerUser: string): Promise<KnownFacts> {
  return {
    imageUser: image?.user ?? "",
    imageId: image?.id ?? "",
    imageDeclaresVolumes: image?.declaresVolumes ?? false,
    realPaths: Object.fromEntries(pinning.realPaths),
    volumeOptions: Object.fromEntries(pinning.volumeOptions),
    containerUser,
    protectedPaths: await pinning.lookup.protectedPaths(),
  };
}

async function changeBody(call: Call, change: (body: JsonObject) => Promise<JsonObject>): Promise<Pinned> {
  return call.body.kind === "json" ? { call: withBody(call, await change(call.body.value)) } : { call };
}

function withBody(call: Call, value: JsonObject): Call {
  return { ...call, body: { kind: "json", value } };
}
