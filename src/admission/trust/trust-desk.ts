// Where everybody asks who vouches for an image: resolves the name, looks up what was signed, judges it by the trust file, and
// remembers. What was verified of a digest is kept for a while; the judgement is made anew each time, for the time it is then.

import { createHash } from "node:crypto";
import { type ImageReference, parseReference, repositoryOf } from "../../base/reference.ts";
import { parsePlatform, thisPlatform } from "../../image/documents/platform.ts";
import { openArtifacts } from "../../image/registry/artifacts.ts";
import type { SourceSettings } from "../../image/source.ts";
import type { Digest, Platform } from "../../model/image.ts";
import type { TrustSubject, TrustVerdict } from "../../model/trust.ts";
import { findScope } from "../../trust/file/scopes.ts";
import type { TrustFile, TrustMode } from "../../trust/file/trust-file.ts";
import { judgeTrust } from "../../trust/judge.ts";
import type { Carried } from "./carried.ts";
import { type ImageHere, judgeImageHere } from "./judge-image-here.ts";
import { type KnownImages, placeOf } from "./known-images.ts";
import { type LookedUp, lookUpStatements } from "./look-up-statements.ts";
import { withLookaside } from "./lookaside.ts";
import { checkSizes, type ResolvedSubject, resolvePlugin, resolveSubject } from "./resolve-subject.ts";
import type { SeenCounters } from "./seen-counters.ts";

export type JudgedImage = ResolvedSubject & { readonly verdict: TrustVerdict };

/** What differs from one question to the next: another platform than this machine's, the caller's own credentials. */
export type AskedTrust = Partial<Pick<SourceSettings, "platform" | "credentials">>;

export interface TrustDesk {
  /** What the trust file asks of images of a repository, before anybody looks at one. */
  demands(repository: string): TrustMode;
  /** Resolves the name at its registry and judges what it stands for. @throws PlimsollError when it cannot be resolved */
  judge(reference: ImageReference, asked?: AskedTrust): Promise<JudgedImage>;
  /** The same of an engine plugin. */
  judgePlugin(reference: ImageReference, asked?: AskedTrust): Promise<TrustVerdict>;
  /**
   * An image of which somebody carried along what its registry said. What is trusted is known from then on, registry or not.
   * @throws PlimsollError when that cannot be read
   */
  judgeCarried(carried: Carried): Promise<JudgedImage>;
  /** Judges a digest that is known already; without a question to anybody while what was verified is kept. */
  judgeSubject(subject: TrustSubject, asked?: AskedTrust): Promise<TrustVerdict>;
  /** An image that was built, loaded, imported or committed here: no registry vouches for its name. */
  judgeLocal(subject: TrustSubject): TrustVerdict;
  /** As if there were no signature anywhere: what the trust file demands. */
  judgeUnsigned(subject: TrustSubject): TrustVerdict;
  /** An image that the engine has, by where it says that it is from, which is believed only when the digests agree. Never rejects. */
  judgeHere(image: ImageHere): Promise<TrustVerdict>;
}

export type TrustDeskOptions = {
  readonly file: TrustFile;
  readonly settings: SourceSettings;
  readonly counters: SeenCounters;
  /** Absent: nothing outlives the desk. */
  readonly known?: KnownImages;
  readonly nowMs: () => number;
};

/** `linux/arm64`, or `arm64` alone. @returns undefined for what is no platform */
export function askedPlatform(text: string): Platform | undefined {
  return parsePlatform(text.includes("/") ? text : `linux/${text}`);
}

/** How long what was verified may be used without asking the registry again. */
const keptMs = 10 * 60_000;
const maxKept = 4096;

type Kept = { readonly found: LookedUp; readonly atMs: number };

export function openTrustDesk(options: TrustDeskOptions): TrustDesk {
  const kept = new Map<string, Kept>();
  const material = createHash("sha256").update(JSON.stringify(options.file.material)).digest("hex");
  const judgeUnsigned = (subject: TrustSubject): TrustVerdict => judgeFound(nothingFound, subject, options);
  const judgeSubject = async (subject: TrustSubject, asked: AskedTrust = {}): Promise<TrustVerdict> => {
    const place = placeOf(subject);
    const nowMs = options.nowMs();
    if (!isAsked(subject, options.file)) return judgeUnsigned(subject);
    const before = kept.get(place);
    if (before !== undefined && nowMs - before.atMs < keptMs) {
      const verdict = judgeFound(before.found, subject, options);
      if (verdict.state === "trusted") return verdict;
    }
    const found = orRemembered(await lookUp(subject, options, asked), place, material, options.known);
    const verdict = judgeFound(found, subject, options);
    if (verdict.state !== "trusted") kept.delete(place);
    else {
      keep(kept, place, { found, atMs: nowMs });
      if (found.unreachable === "") options.known?.rememberStatements(place, material, found.statements);
    }
    return verdict;
  };
  const judge = async (reference: ImageReference, asked: AskedTrust = {}): Promise<JudgedImage> => {
    const { isWhole, ...resolved } = await resolve(reference, options, asked);
    const [verdict] = await Promise.all([judgeSubject(resolved.subject, asked), isWhole]);
    return judgeResolved(resolved, verdict, options.file);
  };
  const judgeLocal = (subject: TrustSubject): TrustVerdict =>
    judgeTrust({
      ...nothingFound,
      file: options.file,
      subject,
      isLocal: true,
      highestCounter: 0,
      nowMs: options.nowMs(),
    });
  const asked = {
    demands: (repository: string) => demandsOn(repository, options.file),
    judge,
    judgeLocal,
    judgeUnsigned,
  };
  return {
    ...asked,
    judgeSubject,
    judgeCarried: (carried) => judgeCarried(carried, options, material),
    judgePlugin: async (reference, more = {}) =>
      await judgeSubject(
        await resolvePlugin(reference, openArtifacts(reference, withinTime({ ...options.settings, ...more }))),
        more,
      ),
    judgeHere: (image) => judgeImageHere(image, { ...asked, file: options.file, known: options.known }),
  };
}

async function judgeCarried(
  { reference, platform, store }: Carried,
  options: TrustDeskOptions,
  material: string,
): Promise<JudgedImage> {
  const { blobs: _, ...resolved } = await resolveSubject(reference, store, platform);
  const { subject } = resolved;
  const found = await lookUpStatements(subject, store, options.file.material, options.nowMs());
  const judged = judgeResolved(resolved, judgeFound(found, subject, options), options.file);
  if (judged.verdict.state !== "trusted") return judged;
  options.known?.rememberResolved(resolved, platform);
  options.known?.rememberStatements(placeOf(subject), material, found.statements);
  return judged;
}

function judgeResolved(resolved: ResolvedSubject, verdict: TrustVerdict, { revokedDigests }: TrustFile): JudgedImage {
  const { manifestDigest, configDigest } = resolved;
  const revoked = [manifestDigest, configDigest].find((digest) => revokedDigests.includes(digest));
  return { ...resolved, verdict: revoked === undefined ? verdict : asRevoked(verdict, revoked) };
}

/** Nobody looks for signatures where none is demanded, and none helps what is revoked. */
function isAsked({ repository, digest }: TrustSubject, file: TrustFile): boolean {
  return demandsOn(repository, file) !== "off" && !file.revokedDigests.includes(digest);
}

function demandsOn(repository: string, { rules, otherwise }: TrustFile): TrustMode {
  return findScope(rules, repository)?.mode ?? (otherwise === "deny" ? "enforce" : "off");
}

const nothingFound: LookedUp = { statements: [], rejected: [], unreachable: "" };

function asRevoked(verdict: TrustVerdict, digest: Digest): TrustVerdict {
  const reason = `${digest} is revoked in the trust file`;
  return { ...verdict, state: "revoked", signers: [], reason, remedy: "use a newer image" };
}

/** @see checkSizes */
type Resolved = ResolvedSubject & { readonly isWhole: Promise<void> };

/** By digest nothing is asked twice: it cannot come to mean something else. */
async function resolve(
  reference: ImageReference,
  { settings, known, file }: TrustDeskOptions,
  asked: AskedTrust,
): Promise<Resolved> {
  const platform = asked.platform ?? settings.platform ?? thisPlatform();
  const place = reference.digest === undefined ? "" : `${repositoryOf(reference)}@${reference.digest}`;
  const before = place === "" ? undefined : known?.resolved(place, platform);
  if (before !== undefined) {
    return { ...before, subject: { ...before.subject, tag: reference.tag ?? "" }, isWhole: Promise.resolve() };
  }
  const store = openArtifacts(reference, withinTime({ ...settings, ...asked }));
  const { blobs, ...resolved } = await resolveSubject(reference, store, platform);
  const look = isAsked(resolved.subject, file) ? checkSizes(blobs, store) : Promise.resolve();
  return { ...resolved, isWhole: look.then(() => known?.rememberResolved(resolved, platform)) };
}

async function lookUp(
  subject: TrustSubject,
  { file, settings, nowMs }: TrustDeskOptions,
  asked: AskedTrust,
): Promise<LookedUp> {
  const artifacts = openArtifacts(parseReference(subject.repository), withinTime({ ...settings, ...asked }));
  return await lookUpStatements(subject, withLookaside(artifacts, file.lookaside, settings), file.material, nowMs());
}

/** One image is worth many questions, each of which may take its time; but not all of them together for ever. */
function withinTime(settings: SourceSettings): SourceSettings {
  const end = AbortSignal.timeout(2 * settings.limits.timeoutMs);
  return { ...settings, signal: AbortSignal.any([settings.signal, end]) };
}

/** Signatures do not cease to be: what was verified before counts where the registry cannot be asked now. */
function orRemembered(found: LookedUp, place: string, material: string, known: KnownImages | undefined): LookedUp {
  const remembered = found.unreachable === "" ? undefined : known?.statements(place, material);
  return remembered === undefined ? found : { ...found, statements: [...found.statements, ...remembered] };
}

/** The counter is remembered only for what is trusted: a record by anybody else could lock a tag. */
function judgeFound(found: LookedUp, subject: TrustSubject, options: TrustDeskOptions): TrustVerdict {
  const { file, counters, nowMs } = options;
  const name = counterName(subject.repository, subject.tag);
  const highestCounter = subject.tag === "" ? 0 : counters.highest(name);
  const verdict = judgeTrust({ file, subject, isLocal: false, ...found, highestCounter, nowMs: nowMs() });
  if (verdict.state === "trusted" && verdict.tagCounter > highestCounter) counters.remember(name, verdict.tagCounter);
  return verdict;
}

/** What the highest counter of a tag is remembered under. */
export function counterName(repository: string, tag: string): string {
  return `${repository}:${tag}`;
}

function keep(kept: Map<string, Kept>, key: Digest, value: Kept): void {
  if (kept.size >= maxKept) for (const oldest of [...kept.keys()].slice(0, maxKept / 4)) kept.delete(oldest);
  kept.set(key, value);
}
