// An archive of images that brings its signatures along is judged by them: what is in it may then have the names that it was signed
// for, here where perhaps no registry answers. Any other archive is local, and may claim no name that a rule covers.

import { type Carried, carriedFile, carriedOf, readCarried } from "../../admission/trust/carried.ts";
import { claimsIn, openLayout, type ReadLayout } from "../../admission/trust/carried-layout.ts";
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

type Vouched = {
  /** By the name that it was signed for, in the ledger's form; one for each platform. */
  readonly names: Map<string, readonly JudgedImage[]>;
  /** Ids that an engine may give to what is vouched for, and to the signatures that lie beside it. */
  readonly ids: Set<string>;
};

export async function admitLoad(asking: TrustAsking): Promise<Admission> {
  const { mode, transport } = asking.exchange.profile;
  const made = await admitMade(asking);
  // Nothing of the archive is seen by a plugin, and nobody waits for it where nothing is refused.
  if (mode !== "enforce" || transport === "authz-plugin") return made;
  const images: Vouched = { names: new Map(), ids: new Set() };
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
      for (const name of images.names.keys()) vouched.add(name);
    },
    finish: (plan) => comparing(made.finish?.(plan) ?? plan, images, asking),
  };
}

/** @throws Denial, PlimsollError: it is neither vouched for as a whole, nor may it be loaded as it is */
async function judgeArchive(summary: TarSummary, asking: TrustAsking, images: Vouched): Promise<void> {
  const bytes = summary.documents.get(carriedFile);
  const carried = bytes === undefined ? [] : readCarried(bytes).map(carriedOf);
  const verdicts: TrustVerdict[] = [];
  for (const one of carried) verdicts.push(await judgeOne(one, asking, images));
  const layout = layoutOf(summary);
  const found = layout === undefined ? nothingFound : await judgeLayout(layout, asking, images);
  if (isVouched(summary, layout, images)) return;
  images.names.clear();
  images.ids.clear();
  const local = localVerdict(asking);
  const isLocalBad = !mayUse(local, asking.generation);
  const told = [...verdicts, ...found.named, ...(isLocalBad ? found.unnamed : []), local];
  const bad = told.find((verdict) => !mayUse(verdict, asking.generation));
  if (bad !== undefined) throw new Denial(denial(bad));
}

async function judgeOne(carried: Carried, { generation }: TrustAsking, images: Vouched): Promise<TrustVerdict> {
  const judged = await generation.desk.judgeCarried(carried);
  if (judged.verdict.state !== "trusted") return judged.verdict;
  for (const id of idsOf(judged)) images.ids.add(id);
  if (carried.reference.digest !== undefined) return judged.verdict;
  const name = tagOf(carried.reference);
  images.names.set(name, [...(images.names.get(name) ?? []), judged]);
  return judged.verdict;
}

type LayoutVerdicts = { readonly named: readonly TrustVerdict[]; readonly unnamed: readonly TrustVerdict[] };

const nothingFound: LayoutVerdicts = { named: [], unnamed: [] };

/** @returns undefined where there is none */
function layoutOf({ documents, layout }: TarSummary): ReadLayout | undefined {
  const index = documents.get("index.json");
  return index === undefined || layout.files.size === 0 ? undefined : openLayout(index, layout.files, layout.missing);
}

/** A name that came with the layout has to be good; a repository that only what was signed names may be one of several. */
async function judgeLayout(layout: ReadLayout, asking: TrustAsking, images: Vouched): Promise<LayoutVerdicts> {
  const named: TrustVerdict[] = [];
  const unnamed: TrustVerdict[] = [];
  for (const claim of await claimsIn(layout, asking.generation.file)) {
    const verdict = await judgeOne(claim, asking, images);
    (claim.isNamed ? named : unnamed).push(verdict);
  }
  for (const digest of layout.artifacts) images.ids.add(digest);
  return { named, unnamed };
}

/** All names and all images in it are of those that are signed. What the engine makes of it is looked at afterwards. */
function isVouched(summary: TarSummary, layout: ReadLayout | undefined, { names, ids }: Vouched): boolean {
  const claimed = archiveTags(summary).map((name) => canonicalTag(name) ?? name);
  if (!claimed.every((name) => names.has(name))) return false;
  const isListed = layout === undefined || isLayoutVouched(layout, ids);
  if (summary.documents.has("manifest.json")) {
    const saved = archiveImages(summary) ?? [];
    return isListed && saved.length > 0 && saved.every((id) => ids.has(id));
  }
  // Engines without containerd's store would look for images in every other folder.
  return isListed && layout !== undefined && layout.images.length > 0 && summary.layout.isAlone;
}

/** An image is what its config says, whatever manifest leads there; what is listed and cannot be read may be anything. */
function isLayoutVouched({ images, unknown }: ReadLayout, ids: ReadonlySet<string>): boolean {
  return (
    unknown.length === 0 && images.every((image) => ids.has(image.digest) || image.configs.every((id) => ids.has(id)))
  );
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
      for (const name of images.ids.size === 0 ? [] : [...images.names.keys(), ...heard.images]) {
        const expected = isImageId(name) ? [...images.ids] : (images.names.get(name) ?? []).flatMap(idsOf);
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

function idsOf({ configDigest, manifestDigest, subject }: JudgedImage): readonly string[] {
  return [configDigest, manifestDigest, subject.digest];
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
