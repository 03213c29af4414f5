// Whatever a call makes carries its owner from the first moment: the engine never has a thing of which we do not know.

import { textAt } from "../../base/reading.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Principal } from "../../model/principal.ts";
import type { Call, PinnedCall } from "../call.ts";
import { isJsonList, isJsonObject, objectIn } from "../references/edit-json.ts";
import { imageLabel, ownerLabel, requestLabel } from "./labels.ts";
import { refuseReservedLabels } from "./reserved-labels.ts";

/**
 * @param requestId leads into the audit log
 * @throws Refusal `request/reserved-label` when the client sends labels of ours
 */
export function stampOwner(pinned: PinnedCall, principal: Principal, requestId: string): PinnedCall {
  const { call } = pinned;
  refuseReservedLabels(call);
  const labels = { [ownerLabel]: principal.owner, [requestLabel]: requestId };
  switch (call.route.action) {
    case "container.create": {
      const image = pinned.references.find((reference) => reference.role === "image")?.name ?? "";
      return withBody(pinned, (body) => stampContainer(body, labels, image));
    }
    case "volume.create":
    case "network.create":
    case "secret.create":
    case "config.create":
      return withBody(pinned, (body) => addLabels(body, labels));
    case "secret.update":
    case "config.update":
      return withBody(pinned, (body) => addLabels(body, keptLabels(pinned, labels)));
    case "service.create":
      return withBody(pinned, (body) => stampService(body, labels));
    case "service.update":
      return withBody(pinned, (body) => stampService(body, keptLabels(pinned, labels)));
    case "image.build":
      // The owner alone: a label that is never the same twice would make every build a new image.
      return { ...pinned, call: stampBuild(call, { [ownerLabel]: principal.owner }) };
    default:
      return pinned;
  }
}

type Labels = Readonly<Record<string, string>>;

/** Who changes a thing of another owner does not become its owner. */
function keptLabels(pinned: PinnedCall, labels: Labels): Labels {
  return pinned.resource.owner === "" ? labels : { ...labels, [ownerLabel]: pinned.resource.owner };
}

function withBody(pinned: PinnedCall, change: (body: JsonObject) => JsonObject): PinnedCall {
  const { body } = pinned.call;
  if (body.kind !== "json") return pinned;
  return { ...pinned, call: { ...pinned.call, body: { kind: "json", value: change(body.value) } } };
}

function addLabels(body: JsonObject, labels: Labels): JsonObject {
  return { ...body, Labels: { ...objectIn(body, "Labels"), ...labels } };
}

/** @param image as the caller named it */
function stampContainer(body: JsonObject, labels: Labels, image: string): JsonObject {
  const hostConfig = stampMounts(objectIn(body, "HostConfig"), labels);
  return { ...addLabels(body, { ...labels, [imageLabel]: image }), HostConfig: hostConfig };
}

function stampService(body: JsonObject, labels: Labels): JsonObject {
  const task = objectIn(body, "TaskTemplate");
  const container = stampMounts(addLabels(objectIn(task, "ContainerSpec"), labels), labels);
  return { ...addLabels(body, labels), TaskTemplate: { ...task, ContainerSpec: container } };
}

/** Volumes that a mount makes get the owner too; those that are there keep their labels. */
function stampMounts(holder: JsonObject, labels: Labels): JsonObject {
  const mounts = holder["Mounts"];
  return isJsonList(mounts) ? { ...holder, Mounts: mounts.map((mount) => stampMount(mount, labels)) } : holder;
}

function stampMount(mount: JsonValue, labels: Labels): JsonValue {
  if (!isJsonObject(mount) || textAt(mount, "Type") !== "volume") return mount;
  return { ...mount, VolumeOptions: addLabels(objectIn(mount, "VolumeOptions"), labels) };
}

function stampBuild(call: Call, labels: Labels): Call {
  const asked: unknown = JSON.parse(call.query["labels"]?.[0] ?? "{}");
  return { ...call, query: { ...call.query, labels: [JSON.stringify({ ...objectOf(asked), ...labels })] } };
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
