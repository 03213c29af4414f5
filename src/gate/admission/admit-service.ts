// A service's tasks are made by the engine, on this host and others: what they run is fixed by its digest before.

import { fieldAt, fieldsAt, textAt } from "../../base/reading.ts";
import { formatReference, isImageId, parseReference, withDefaultTag } from "../../base/reference.ts";
import type { JsonObject } from "../../model/json.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { PinnedCall } from "../call.ts";
import { changeField, isJsonObject } from "../references/edit-json.ts";
import { queryText } from "../references/pin-images.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { callerCredentials } from "./caller-credentials.ts";
import { judgeFound, mayUse } from "./trust-gate.ts";
import { notThere } from "./use-images.ts";

export async function admitService(asking: TrustAsking): Promise<Admission> {
  const { pinned, trust } = asking;
  const body = pinned.call.body.kind === "json" ? pinned.call.body.value : {};
  if (Object.keys(fieldsAt(body, "TaskTemplate", "PluginSpec")).length > 0) throw refusePlugin();
  const name = textAt(body, "TaskTemplate", "ContainerSpec", "Image");
  const judged = await judgeImage(name, asking);
  const verdicts = [judged.verdict];
  for (const before of await imagesBefore(pinned, body, trust.engine)) {
    const { name: fixed, verdict } = await judgeImage(before, asking);
    // The engine goes back to what it has written down: a name alone would be looked up once more, by every node.
    const isGood = verdict.state !== "not-required" && mayUse(verdict, asking.generation);
    if (isGood && fixed !== before) throw refuseMoving(before);
    verdicts.push(verdict);
  }
  return judged.name === name ? { verdicts } : { verdicts, pinned: await withImage(pinned, body, judged.name) };
}

type JudgedName = { readonly name: string; readonly verdict: TrustVerdict };

/** @returns the name with the digest that was judged: every node finds the same then */
async function judgeImage(name: string, { gate, generation, trust, pinned }: TrustAsking): Promise<JudgedName> {
  if (isImageId(name)) {
    const image = await gate.lookup.image(name);
    if (image === undefined) throw notThere(name);
    return { name: image.id, verdict: await judgeFound(image, image.id, generation, trust) };
  }
  const reference = withDefaultTag(parseReference(name));
  const judged = await generation.desk.judge(reference, callerCredentials(pinned.call));
  return { name: formatReference({ ...reference, digest: judged.subject.digest }), verdict: judged.verdict };
}

/** What a rollback brings back: the specification before this one, or, when this update fails, the one that is there now. */
async function imagesBefore(
  { resource, call }: PinnedCall,
  body: JsonObject,
  engine: TrustAsking["trust"]["engine"],
): Promise<readonly string[]> {
  const specifications = [
    ...(queryText(call, "rollback") === "" ? [] : ["PreviousSpec"]),
    ...(textAt(body, "UpdateConfig", "FailureAction") === "rollback" ? ["Spec"] : []),
  ];
  if (specifications.length === 0 || resource.id === "") return [];
  const service = await engine.get(`/services/${encodeURIComponent(resource.id)}`);
  const images = specifications.map((which) =>
    textAt(fieldAt(service, which), "TaskTemplate", "ContainerSpec", "Image"),
  );
  return images.filter((image) => image !== "");
}

async function withImage(pinned: PinnedCall, body: JsonObject, name: string): Promise<PinnedCall> {
  const changed = await changeField(body, "TaskTemplate", (task) =>
    isJsonObject(task)
      ? changeField(task, "ContainerSpec", async (container) =>
          isJsonObject(container) ? { ...container, Image: name } : container,
        )
      : Promise.resolve(task),
  );
  return { ...pinned, call: { ...pinned.call, body: { kind: "json", value: changed } } };
}

function refuseMoving(name: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/rollback",
    reason: `the service would go back to ${name}, a name that may have moved by then`,
    hint: "update the service to the older image by its digest, without --rollback",
  });
}

function refusePlugin(): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/unseen",
    reason: "a service would install a plugin on every node, unjudged",
    hint: "install the plugin with docker plugin install, or ask for the grant image.unsigned",
  });
}
