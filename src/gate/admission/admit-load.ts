// An archive of images that brings its signatures along is judged by them: what is in it may then have the names that it was signed
// for, here where perhaps no registry answers. Any other archive is local, and may claim no name that a rule covers.

import { carriedFile, readCarried } from "../../admission/trust/carried.ts";
import type { JudgedImage } from "../../admission/trust/trust-desk.ts";
import { textAt } from "../../base/reading.ts";
import { canonicalTag, formatReference, isImageId, parseReference, tagOf } from "../../base/reference.ts";
import type { JsonValue } from "../../model/json.ts";
import type { TrustVerdict } from "../../model/trust.ts";
import type { ResponsePlan } from "../call.ts";
import { hear, nothingHeard } from "../ownership/heard.ts";
import { Denial, Refusal } from "../refusal.ts";
import { archiveImages, archiveTags } from "../uploads/image-tags.ts";
import type { TarSummary } from "../uploads/inspected-tar.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { asDenial, denial } from "./denial.ts";
import { admitMade, localVerdict } from "./make-images.ts";
import { mayUse } from "./trust-gate.ts";

/** By the name that it was signed for, in the ledger's form. */
type Vouched = Map<string, JudgedImage>;

export async function admitLoad(asking: TrustAsking): Promise<Admission> {
  const { mode, transport } = asking.exchange.profile;
  const made = await admitMade(asking);
  // Nothing of the archive is seen by a plugin, and nobody waits for it where nothing is refused.
  if (mode !== "enforce" || transport === "authz-plugin") return made;
  const images: Vouched = new Map();
  const vouched = new Set<string>();
  return {
    ...made,
    ...{ verdicts: [], vouched },
    async judgeArchive(summary) {
      try {
        await judgeArchive(summary, asking, images);
      } catch (thrown) {
        throw asDenial(thrown);
      }
      for (const name of images.keys()) vouched.add(name);
    },
    finish: (plan) => comparing(made.finish?.(plan) ?? plan, images, asking),
  };
}

/** @throws Denial, PlimsollError: it is neither vouched for as a whole, nor may it be loaded as it is */
async function judgeArchive(summary: TarSummary, asking: TrustAsking, images: Vouched): Promise<void> {
  const verdicts: TrustVerdict[] = [];
  const bytes = summary.documents.get(carriedFile);
  for (const carried of bytes === undefined ? [] : readCarried(bytes)) {
    const judged = await asking.generation.desk.judgeCarried(carried);
    if (judged.verdict.state === "trusted") images.set(tagOf(parseReference(carried.name)), judged);
    verdicts.push(judged.verdict);
  }
  if (isVouched(summary, images)) return;
  images.clear();
  const bad = [...verdicts, localVerdict(asking)].find((verdict) => !mayUse(verdict, asking.generation));
  if (bad !== undefined) throw new Denial(denial(bad));
}

/** All names and all images in it are of those that are signed. What the engine makes of it is looked at afterwards. */
function isVouched(summary: TarSummary, images: Vouched): boolean {
  const names = archiveTags(summary).map((name) => canonicalTag(name) ?? name);
  const ids = archiveImages(summary) ?? [];
  const known = new Set([...images.values()].map(({ configDigest }) => configDigest));
  return ids.length > 0 && names.every((name) => images.has(name)) && ids.every((id) => known.has(id));
}

/** The engine hashes what it loads: what turns out to be something else does not stay. */
function comparing(plan: ResponsePlan, images: Vouched, { trust, trail }: TrustAsking): ResponsePlan {
  const heard = nothingHeard();
  if (plan.kind !== "records") return plan;
  return {
    ...plan,
    change(value) {
      hear(heard, value);
      return plan.change(value);
    },
    async last(): Promise<readonly JsonValue[]> {
      const before = (await plan.last?.()) ?? [];
      const wrong: string[] = [];
      for (const name of images.size === 0 ? [] : [...images.keys(), ...heard.images]) {
        const expected = isImageId(name) ? [...images.values()].flatMap(idsOf) : idsOf(images.get(name));
        if (!(await isOneOf(name, expected, trust.engine).catch(() => false))) wrong.push(name);
      }
      if (wrong.length === 0) return before;
      const refusal = refuseDifferent(wrong[0] ?? "");
      trail.refused(refusal);
      const message = `plimsoll: ${refusal.message}. ${refusal.hint}.`;
      return [...before, { errorDetail: { message }, error: message }];
    },
  };
}

function idsOf(judged: JudgedImage | undefined): readonly string[] {
  return judged === undefined ? [] : [judged.configDigest, judged.manifestDigest, judged.subject.digest];
}

/** @returns false when it was something else, and is gone; true also when it is not there */
async function isOneOf(
  name: string,
  expected: readonly string[],
  engine: TrustAsking["trust"]["engine"],
): Promise<boolean> {
  const path = `/images/${(isImageId(name) ? name : formatReference(parseReference(name))).split("/").map(encodeURIComponent).join("/")}`;
  const id = textAt(await engine.get(`${path}/json`), "Id");
  if (id === "" || expected.includes(id)) return true;
  await engine.delete(path);
  return false;
}

function refuseDifferent(name: string): Refusal {
  return new Refusal({
    code: "DIGEST_MISMATCH",
    status: 403,
    rule: "trust/compared",
    reason: `${name}: what was loaded is not the image that its signatures are of`,
    hint: "carry the image once more, with its signatures",
  });
}
