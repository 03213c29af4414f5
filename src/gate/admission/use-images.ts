// Images that the engine has: run, tagged, started again. Judged is the id that the engine gets.

import { textAt } from "../../base/reading.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { judgeFound, judgeId } from "./trust-gate.ts";

/** The container's image, and those that it mounts. @throws Refusal 404 when one is not there (clients then pull it) */
export async function admitContainer({ pinned, gate, generation, trust, exchange }: TrustAsking): Promise<Admission> {
  const { body } = pinned.call;
  const named = pinned.references.filter(({ role }) => role === "image");
  if (named.length === 0 && body.kind === "json") throw notThere(textAt(body.value, "Image"));
  const verdicts: TrustVerdict[] = [];
  for (const { name, id } of named) {
    const image = id === "" ? undefined : await gate.lookup.image(id);
    if (image !== undefined) verdicts.push(await judgeFound(image, name, generation, trust));
    // The engine itself has to say to its plugin's caller that it is not there: the client would not pull.
    else if (exchange.profile.transport !== "authz-plugin") throw notThere(name);
  }
  return { verdicts };
}

/** A container that was made before: by rules of then, or around this gate. */
export async function admitStart({ pinned, gate, generation, trust }: TrustAsking): Promise<Admission> {
  const container = await gate.lookup.container(pinned.resource.id);
  if (container === undefined) return { verdicts: [] }; // the engine says that it is not there
  const image = await gate.lookup.image(container.imageId);
  if (image === undefined) return { verdicts: [await judgeId(container.imageId, generation, trust)] };
  return { verdicts: [await judgeFound(image, image.id, generation, trust)] };
}

/** A name says nothing of what it is given to; what gets one has to be let in as it is. */
export async function admitTag({ pinned, gate, generation, trust }: TrustAsking): Promise<Admission> {
  const image = pinned.resource.id === "" ? undefined : await gate.lookup.image(pinned.resource.id);
  if (image === undefined) return { verdicts: [] }; // the engine says that it is not there
  return { verdicts: [await judgeFound(image, pinned.resource.name, generation, trust)] };
}

/** Other ways to containers, whose images nobody sees from here. */
export async function refuseUnseen({ pinned }: TrustAsking): Promise<Admission> {
  throw new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/unseen",
    reason: `${pinned.call.route.action}: the gate cannot see which images it takes in`,
    hint: "use the Docker API and the classic builder, or ask for the grant image.unsigned",
  });
}

/** The engine's own words: clients pull the image when they read them. */
export function notThere(name: string): Refusal {
  return new Refusal({
    code: "NOT_FOUND",
    status: 404,
    rule: "request/not-found",
    reason: `No such image: ${name}`,
    hint: "pull the image first",
  });
}
