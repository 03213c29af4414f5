// What is not there is told by the gate, in the engine's words, and the call goes no further: between the decision and the
// engine's answer somebody else's thing could have taken the name.
// Source: moby/moby, daemon/errors.go; clients act on the status (404 for an image makes the CLI pull).

import { formatReference, readReference, repositoryOf, withDefaultTag } from "../../base/reference.ts";
import type { Resource } from "../../model/decision.ts";
import type { PinnedCall, Reference } from "../call.ts";
import type { Refusal } from "../refusal.ts";
import { refuseMissing } from "./refuse-name.ts";

/** @returns undefined when everything is there that has to be */
export function findMissing({ call, resource, references }: PinnedCall): Refusal | undefined {
  const { action } = call.route;
  const isLocal = action !== "image.distribution" && resource.type !== "Plugin" && resource.type !== "Engine";
  if (isLocal && resource.id === "" && resource.name !== "" && resource.isShared) {
    return refuseMissing(404, sentenceFor(resource.type, resource.name, action));
  }
  const lost = references.find(({ role, exists }) => !exists && role !== "tag" && role !== "volume");
  if (lost === undefined) return undefined;
  // The CLI takes 404 for a missing image here, and would pull the one that is there.
  const status = action === "container.create" && lost.role === "network" ? 400 : 404;
  return refuseMissing(status, sentenceFor(typeOf(lost), lost.name, action));
}

function sentenceFor(type: Resource["type"], name: string, action: string): string {
  switch (type) {
    case "Container":
      return `No such container: ${name}`;
    case "Exec":
      return `No such exec instance: ${name}`;
    case "Image":
      return action === "image.push"
        ? `An image does not exist locally with the tag: ${repositoryText(name)}`
        : `No such image: ${familiarName(name)}`;
    case "Volume":
      return `get ${name}: no such volume`;
    default:
      return `${type.toLowerCase()} ${name} not found`;
  }
}

function typeOf({ role }: Reference): Resource["type"] {
  const types = { container: "Container", network: "Network", secret: "Secret", config: "Config" } as const;
  return role === "image" || role === "tag" || role === "volume" ? "Image" : types[role];
}

/** `docker.io/library/a` -> `a:latest` */
function familiarName(text: string): string {
  const name = readReference(text);
  return name === undefined ? text : withoutDefaults(formatReference(withDefaultTag(name)));
}

function repositoryText(text: string): string {
  const name = readReference(text);
  return name === undefined ? text : withoutDefaults(repositoryOf(name));
}

function withoutDefaults(name: string): string {
  return name.replace(/^docker\.io\//, "").replace(/^library\//, "");
}
