// Images that come from nowhere that could vouch for them: loaded, imported, committed, built. The trust file says whether they
// may be made here at all; a name whose images have to be signed is not theirs to claim.

import { canonicalTag, readReference, repositoryOf } from "../../base/reference.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { PinnedCall, Reference } from "../call.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { listenForMade, type Making } from "./remember-made.ts";

const hows = {
  "image.load": "loaded",
  "image.import": "imported",
  "container.commit": "committed",
} as const;

/** Import, commit, and a load of which nothing more can be seen. The names in a loaded archive are judged when they are known. */
export async function admitMade(asking: TrustAsking): Promise<Admission> {
  const { action } = asking.pinned.call.route;
  if (action !== "image.load" && action !== "image.import" && action !== "container.commit") return { verdicts: [] };
  const making: Making = { ...asking, how: hows[action], bases: await basesOf(asking) };
  const claims = action === "image.import" ? claimedNames(asking.pinned.references, asking) : [];
  return { verdicts: [localVerdict(asking), ...claims], finish: (plan) => listenForMade(plan, making) };
}

/** A plugin made of an archive; nobody signs those. */
export async function admitLocal(asking: TrustAsking): Promise<Admission> {
  return { verdicts: [localVerdict(asking)] };
}

export function localVerdict({ generation }: Pick<TrustAsking, "generation">): TrustVerdict {
  return generation.desk.judgeLocal({ digest: "", mediaType: "", size: 0, repository: "", tag: "" });
}

/** One verdict for each name that a rule covers. */
export function claimedNames(
  references: PinnedCall["references"],
  { generation }: Pick<TrustAsking, "generation">,
  vouched: ReadonlySet<string> = new Set(),
): readonly TrustVerdict[] {
  const tags = references.filter(({ role, name }) => role === "tag" && !vouched.has(canonicalTag(name) ?? name));
  return tags.flatMap((reference) => claimed(reference, generation.desk.judgeUnsigned) ?? []);
}

function claimed({ name }: Reference, judge: (subject: UnsignedSubject) => TrustVerdict): TrustVerdict | undefined {
  const reference = readReference(name);
  if (reference === undefined) return undefined;
  const subject = { digest: "", mediaType: "", size: 0, repository: repositoryOf(reference), tag: reference.tag ?? "" };
  const verdict = judge(subject);
  if (verdict.scope === "" || verdict.state === "not-required") return undefined;
  return {
    ...verdict,
    reason: `an archive claims to be ${name}; ${verdict.reason}`,
    remedy: "pull the image from its registry",
  };
}

type UnsignedSubject = Parameters<TrustAsking["generation"]["desk"]["judgeLocal"]>[0];

async function basesOf({ pinned, gate, trust }: TrustAsking): Promise<Making["bases"]> {
  if (pinned.call.route.action !== "container.commit") return [];
  const container = await gate.lookup.container(pinned.resource.id);
  if (container === undefined) return [];
  const made = trust.made.find(container.imageId);
  const isTrusted = made === undefined ? false : made.bases.length > 0 && made.bases.every((base) => base.isTrusted);
  return [{ name: "", id: container.imageId, isTrusted, signers: [] }];
}
