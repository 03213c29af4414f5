// The thing that a call is done to: the path parameter, replaced by the engine's full id, and whose it is.

import { readReference, tagOf } from "../../base/reference.ts";
import type { Action } from "../../model/action.ts";
import type { Resource } from "../../model/decision.ts";
import type { Call } from "../call.ts";
import { ownerOfImage, ownerOfTag, ownerOfWholeImage } from "./image-owner.ts";
import type { SwarmKind } from "./lookup.ts";
import type { Pinned, Pinning } from "./pinning.ts";
import { refuseMissing } from "./refuse-name.ts";

export type PinnedResource = Required<Pinned>;

/** What does not exist yet belongs to who makes it. */
const creations: ReadonlySet<Action> = new Set<Action>([
  "container.create",
  "image.build",
  "image.pull",
  "image.import",
  "image.load",
  "network.create",
  "volume.create",
  "service.create",
  "secret.create",
  "config.create",
]);

export async function pinResource(pinning: Pinning, call: Call): Promise<PinnedResource> {
  const { resource: type, resourceParam, action } = call.route;
  const name = resourceParam === undefined ? "" : (call.params[resourceParam] ?? "");
  if (resourceParam === undefined || name === "") {
    const isNew = creations.has(action);
    return { call, resource: { type, id: "", name: "", owner: isNew ? pinning.owner : "", isShared: !isNew } };
  }
  const found = await findResource(pinning, call, name);
  if (found === undefined) return { call, resource: missing(type, name) };
  const { param, ...known } = found;
  return { call: withParam(call, resourceParam, param), resource: { type, ...known } };
}

/** Nothing is there: nobody's secret is told by saying so. */
export function missing(type: Resource["type"], name: string): Resource {
  return { type, id: "", name, owner: "", isShared: true };
}

type FoundResource = Omit<Resource, "type"> & {
  /** What stands in the path instead of the name. */
  readonly param: string;
};

async function findResource(pinning: Pinning, call: Call, name: string): Promise<FoundResource | undefined> {
  const { lookup } = pinning;
  switch (call.route.resource) {
    case "Container": {
      const found = await lookup.container(name);
      return found && { id: found.id, name: found.name, owner: found.owner, isShared: false, param: found.id };
    }
    case "Exec": {
      const container = await lookup.execContainer(name);
      // Not the container's owner: what an administrator runs in it is not the tenant's to start.
      const owner = lookup.ledger.owners("exec", name)[0] ?? "";
      return container && { id: name, name: container.name, owner, isShared: false, param: name };
    }
    case "Image":
      return call.route.action === "image.distribution" ? undefined : findImage(pinning, call.route.action, name);
    case "Network": {
      const found = await lookup.network(name, pinning.owner);
      return found && { ...found, param: found.id };
    }
    case "Volume": {
      const found = await lookup.volume(name);
      return found && { id: found.name, name: found.name, owner: found.owner, isShared: false, param: found.name };
    }
    case "Service":
      return findSwarmThing(pinning, "services", name);
    case "Task":
      return findSwarmThing(pinning, "tasks", name);
    case "Node":
      return findSwarmThing(pinning, "nodes", name);
    case "Secret":
      return findSwarmThing(pinning, "secrets", name);
    case "Config":
      return findSwarmThing(pinning, "configs", name);
    case "Plugin":
      await needPlugin(pinning, call.route.action, name);
      return { id: name, name, owner: "", isShared: true, param: name };
    default:
      return { id: name, name, owner: "", isShared: true, param: name };
  }
}

/** `docker inspect NAME` tries every kind of thing, plugins last: policy shuts plugins, but "not there" is no secret. */
async function needPlugin(pinning: Pinning, action: Action, name: string): Promise<void> {
  if (action !== "plugin.inspect" || (await pinning.lookup.hasPlugin(name))) return;
  throw refuseMissing(404, `plugin ${JSON.stringify(name)} not found`);
}

async function findSwarmThing(pinning: Pinning, kind: SwarmKind, name: string): Promise<FoundResource | undefined> {
  const found = await pinning.lookup.swarmThing(kind, name);
  return found && { ...found, isShared: false, param: found.id };
}

/** Push and remove mean the name, and save writes it into the archive, so the name stays; everything else means the image. */
async function findImage(pinning: Pinning, action: Action, name: string): Promise<FoundResource | undefined> {
  const { lookup, owner: me } = pinning;
  const found = await lookup.image(name);
  if (found === undefined) return undefined;
  const { ledger } = lookup;
  const reference = readReference(name);
  // An archive of a tag names the tag; one of an id has no name.
  const isTag = reference !== undefined && found.tags.includes(tagOf(reference));
  if (action === "image.push" || (action === "image.save" && isTag)) {
    return { id: found.id, name, ...ownerOfImage(found, ledger, me), param: name };
  }
  if (action !== "image.remove") return { id: found.id, name, ...ownerOfImage(found, ledger, me), param: found.id };
  // The engine takes a name for an id when the image's id begins with it.
  const isId = found.id.startsWith(name) || found.id.slice("sha256:".length).startsWith(name);
  if (isId || reference === undefined) {
    return { id: found.id, name, owner: ownerOfWholeImage(found, ledger, me), isShared: false, param: found.id };
  }
  if (reference.digest !== undefined) {
    return { id: found.id, name, owner: ownerOfWholeImage(found, ledger, me), isShared: false, param: name };
  }
  const tag = tagOf(reference);
  const param = reference.tag === undefined ? `${name}:latest` : name;
  return { id: found.id, name, owner: ownerOfTag(tag, ledger, me), isShared: false, param };
}

function withParam(call: Call, param: string, value: string): Call {
  return call.params[param] === value ? call : { ...call, params: { ...call.params, [param]: value } };
}
