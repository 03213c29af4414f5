// Images that the engine has: run, tagged, started again. Judged is the id that the engine gets.

import { textAt } from "../../base/reading.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { judgeFound } from "./trust-gate.ts";

/** The container's image, and those that it mounts. @throws Refusal 404 when one is not there (clients then pull it) */
export async function admitContainer(asking: TrustAsking): Promise<Admission> {
  const { pinned, gate, generation, trust } = asking;
  const { body } = pinned.call;
  const named = pinned.references.filter(({ role }) => role === "image");
  if (named.length === 0 && body.kind === "json") throw notThere(textAt(body.value, "Image"));
  const verdicts = [];
  for (const { name, id } of named) {
    const image = id === "" ? undefined : await gate.lookup.image(id);
    if (image === undefined) throw notThere(name);
    verdicts.push(await judgeFound(image, name, generation, trust));
  }
  return { verdicts };
}

/** A name says nothing of what it is given to; what gets one has to be let in as it is. */
export async function admitTag({ pinned, gate, generation, trust }: TrustAsking): Promise<Admission> {
  const image = pinned.resource.id === "" ? undefined : await gate.lookup.image(pinned.resource.id);
  if (image === undefined) return { verdicts: [] }; // the engine says that it is not there
  return { verdicts: [await judgeFound(image, pinned.resource.name, generation, trust)] };
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
