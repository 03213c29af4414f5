// Labels of ours in what a client sends: refused, because they say whose a thing is.

import { fieldsAt, listAt } from "../../base/reading.ts";
import type { Call } from "../call.ts";
import { Refusal } from "../refusal.ts";
import { isReserved, reservedPrefix } from "./labels.ts";

/** Where bodies carry labels: paths of keys. */
const labelPlaces: readonly (readonly string[])[] = [
  ["Labels"],
  ["Spec", "Labels"],
  ["TaskTemplate", "ContainerSpec", "Labels"],
];
/** Where bodies carry mounts, each with labels for the volume that it makes. */
const mountPlaces: readonly (readonly string[])[] = [
  ["HostConfig", "Mounts"],
  ["TaskTemplate", "ContainerSpec", "Mounts"],
];

/** @throws Refusal `request/reserved-label` */
export function refuseReservedLabels(call: Call): void {
  if (call.body.kind === "json") {
    const body = call.body.value;
    for (const place of labelPlaces) refuseIn(Object.keys(fieldsAt(body, ...place)));
    for (const mount of mountPlaces.flatMap((place) => listAt(body, ...place))) {
      refuseIn(Object.keys(fieldsAt(mount, "VolumeOptions", "Labels")));
    }
  }
  if (call.route.action === "image.build") refuseIn(Object.keys(fieldsAt(parsed(call.query["labels"]?.[0]))));
  for (const change of call.query["changes"] ?? []) refuseInstruction(change);
}

function refuseIn(labels: readonly string[]): void {
  const reserved = labels.find(isReserved);
  if (reserved !== undefined) throw refuseLabel(reserved);
}

/** Labels of images make nobody an owner, so this need not see through quotes and variables. */
function refuseInstruction(change: string): void {
  if (/^\s*label\b/i.test(change) && change.toLowerCase().includes(reservedPrefix)) throw refuseLabel(reservedPrefix);
}

function parsed(json: string | undefined): unknown {
  return json === undefined || json === "" ? {} : JSON.parse(json);
}

function refuseLabel(label: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "request/reserved-label",
    reason: `the label ${JSON.stringify(label.slice(0, 100))} is set by Plimsoll alone`,
    hint: `remove labels that begin with ${reservedPrefix}`,
  });
}
