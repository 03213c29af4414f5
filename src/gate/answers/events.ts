// The engine's events, one by one: only those of things the caller may see. Command lines of execs are among them.
// Source: moby/moby, api/types/events; daemon/events.go (labels of containers stand in the attributes).

import { textAt, textMapAt } from "../../base/reading.ts";
import { isImageId } from "../../base/reference.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Owned } from "../../policy/ownership.ts";
import { imageLabel, ownerLabel, requestLabel } from "../ownership/labels.ts";
import { objectIn } from "../references/edit-json.ts";
import { maySeeTag } from "./image-answers.ts";
import { needObject } from "./parts.ts";
import type { View } from "./view.ts";

/** @returns undefined for an event that is not the caller's business. @throws PlimsollError on what is no event */
export function filterEvent(value: JsonValue, view: View): JsonValue | undefined {
  const event = needObject("event", value);
  return mayHear(event, view) ? withImageName(event) : undefined;
}

function mayHear(event: JsonObject, view: View): boolean {
  const id = textAt(event, "Actor", "ID") || textAt(event, "id");
  switch (textAt(event, "Type")) {
    case "container":
      return view.maySee({ owner: containerOwner(event, id, view), isShared: false });
    case "image":
      return mayHearImage(event, id, view);
    case "network":
      return mayHearOfShared(event, view.lookup.seen("network", id) ?? seenByName(event, view), view);
    case "volume":
      return mayHearOfShared(event, view.lookup.seen("volume", id), view);
    default:
      // Daemon, plugins, nodes, services, secrets, configs, builders: nobody's in particular.
      return view.maySee({ owner: "", isShared: false });
  }
}

/** A connect or mount names a container, which may be somebody else's. */
function mayHearOfShared(event: JsonObject, seen: Owned | undefined, view: View): boolean {
  const container = textAt(event, "Actor", "Attributes", "container");
  if (!view.maySee(seen ?? { owner: "", isShared: false })) return false;
  return container === "" || view.maySee(view.lookup.seen("container", container) ?? { owner: "", isShared: false });
}

/** A network that is just being made has no id yet that the gate could know. */
function seenByName(event: JsonObject, view: View): Owned | undefined {
  return view.lookup.seen("network", textAt(event, "Actor", "Attributes", "name"));
}

/** What was looked up counts; a container that is gone already is known by the labels in its event. */
function containerOwner(event: JsonObject, id: string, view: View): string {
  const seen = view.lookup.seen("container", id);
  if (seen !== undefined) return seen.owner;
  // For the next event. A question that fails is asked again then.
  view.lookup.container(id).catch(() => undefined);
  const attributes = textMapAt(event, "Actor", "Attributes");
  return attributes[requestLabel] === undefined ? "" : (attributes[ownerLabel] ?? "");
}

/** An image that nobody claimed is everybody's when it has a name; the steps of a build have none. */
function mayHearImage(event: JsonObject, id: string, view: View): boolean {
  const name = textAt(event, "Actor", "Attributes", "name");
  const ids = [id, name].filter(isImageId);
  const names = [id, name].filter((text) => text !== "" && !isImageId(text));
  const owners = ids.flatMap((text) => view.lookup.ledger.owners("image", text));
  const isOwn = owners.some((owner) => view.maySee({ owner, isShared: false }));
  if (owners.length > 0 && !isOwn) return false;
  if (!names.every((text) => maySeeTag(text, view))) return false;
  return isOwn || view.maySee({ owner: "", isShared: names.length > 0 });
}

function withImageName(event: JsonObject): JsonObject {
  const actor = objectIn(event, "Actor");
  const attributes = objectIn(actor, "Attributes");
  const asked = attributes[imageLabel];
  if (typeof asked !== "string" || asked === "" || textAt(event, "Type") !== "container") return event;
  const named = { ...event, Actor: { ...actor, Attributes: { ...attributes, image: asked } } };
  return typeof event["from"] === "string" ? { ...named, from: asked } : named;
}
