// What the gate knows of what is in images: each image (by its id) is read once, its facts are kept as long as the advisories
// that they were made with, and whoever wants to run an image that nobody has read yet waits, but not for ever.

import { statSync } from "node:fs";
import type { ImageScanner } from "../../admission/service/image-scanner.ts";
import type { ScannedImage } from "../../admission/service/messages.ts";
import { unscannedFacts } from "../../admission/verdict/admission-facts.ts";
import { errorText } from "../../base/errors.ts";
import type { AdmissionFacts } from "../../model/facts.ts";
import { asksAbout } from "../../policy/asks-about.ts";
import type { PolicyEngine } from "../../policy/policy-engine.ts";
import { createJudgeAdmission, type JudgeAdmission } from "./judge-admission.ts";

export type AskedImage = { readonly listener: string; readonly image: string; readonly imageId: string };

export interface ImageGate {
  /** Do these policies have a rule on what is in images? */
  isAsked(policies: PolicyEngine): boolean;
  readonly judge: JudgeAdmission;
  /** At once, when the image was read with the advisories that are here now. */
  factsNow(asked: AskedImage): AdmissionFacts | undefined;
  /** Reads the image if need be. What could not be read in time has facts that say so. Never rejects. */
  facts(asked: AskedImage): Promise<AdmissionFacts>;
  /** The engine has this image: read it before somebody wants to run it. */
  expect(imageId: string): void;
  close(): void;
}

export type ImageGateOptions = {
  readonly scanner: ImageScanner;
  /** Advisories, ignore rules, VEX: when one of them changes, what was known is looked up anew. */
  readonly knowledgeFiles: readonly string[];
  /** Milliseconds that a call may wait for an image to be read. */
  readonly waitMs: number;
  nowMs(): number;
};

const maxImages = 4096;

export function createImageGate({ scanner, knowledgeFiles, waitMs, nowMs }: ImageGateOptions): ImageGate {
  const known = new Map<string, ScannedImage>();
  let stamp = stampOf(knowledgeFiles);
  const look = (imageId: string): ScannedImage | undefined => {
    const now = stampOf(knowledgeFiles);
    if (now !== stamp) {
      stamp = now;
      // What was learnt of their bytes is kept on disk: only the advisories are looked up again.
      const images = [...known.keys()];
      known.clear();
      for (const image of images) void read(image, false);
    }
    return known.get(imageId);
  };
  /** What the scans that are under way began with. */
  const begunWith = new Map<string, string>();
  const read = async (imageId: string, hasWaiter: boolean): Promise<ScannedImage | string> => {
    try {
      // The same image is scanned once for all who ask: who asks with newer knowledge waits for that, and asks again.
      const earlier = begunWith.get(imageId);
      if (earlier !== undefined && earlier !== stamp) await scanner.scan(imageId, hasWaiter).catch(() => undefined);
      const readWith = begunWith.get(imageId) ?? stamp;
      begunWith.set(imageId, readWith);
      const image = await scanner.scan(imageId, hasWaiter);
      if (readWith === stamp) remember(known, imageId, image);
      return image;
    } catch (thrown) {
      return errorText(thrown);
    } finally {
      begunWith.delete(imageId);
    }
  };
  const asked = new WeakMap<PolicyEngine, boolean>();
  const told = new WeakMap<ScannedImage, AdmissionFacts>();
  const agedNow = (named: AskedImage, image: ScannedImage): AdmissionFacts => {
    const facts = aged(named, image, nowMs(), told.get(image));
    told.set(image, facts);
    return facts;
  };
  return {
    isAsked(policies) {
      const answer = asked.get(policies) ?? asksAbout(policies, "image.admit");
      asked.set(policies, answer);
      return answer;
    },
    judge: createJudgeAdmission(),
    factsNow(named) {
      const image = look(named.imageId);
      return image && agedNow(named, image);
    },
    async facts(named) {
      const image = look(named.imageId) ?? (await withinTime(read(named.imageId, true), waitMs));
      return typeof image === "string" ? unscannedFacts(named, image) : agedNow(named, image);
    },
    expect(imageId) {
      if (look(imageId) === undefined) void read(imageId, false);
    },
    close: () => scanner.close(),
  };
}

/** Another content is another file, another time or another size. */
function stampOf(files: readonly string[]): string {
  let stamp = "";
  for (const file of files) {
    const found = statSync(file, { throwIfNoEntry: false });
    stamp += found === undefined ? "-" : `${found.ino} ${found.mtimeMs} ${found.size} `;
  }
  return stamp;
}

function remember(known: Map<string, ScannedImage>, imageId: string, image: ScannedImage): void {
  const [oldest] = known.keys();
  if (known.size >= maxImages && oldest !== undefined) known.delete(oldest);
  known.set(imageId, image);
}

async function withinTime<T>(work: Promise<T>, ms: number): Promise<T | string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(
      resolve,
      ms,
      `it is being read, which takes more than ${Math.round(ms / 1000)} s; try again soon`,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param before the facts that were told last of this image: the same object while they would say the same */
function aged(
  asked: AskedImage,
  { facts, created, dataBuiltAt }: ScannedImage,
  nowMs: number,
  before: AdmissionFacts | undefined,
): AdmissionFacts {
  const ageDays = elapsed(created, nowMs, 86_400_000);
  const dataAgeHours = elapsed(dataBuiltAt, nowMs, 3_600_000);
  const isSame =
    before?.listener === asked.listener &&
    before.image === asked.image &&
    before.imageId === asked.imageId &&
    before.ageDays === ageDays &&
    before.dataAgeHours === dataAgeHours;
  return isSame ? before : { ...facts, ...asked, ageDays, dataAgeHours };
}

function elapsed(from: string, nowMs: number, unitMs: number): number {
  const fromMs = from === "" ? Number.NaN : Date.parse(from);
  return Number.isNaN(fromMs) ? -1 : Math.max(0, Math.floor((nowMs - fromMs) / unitMs));
}
