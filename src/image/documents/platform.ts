// Which image of an index is for a platform: always the same one, or none.
// Source: OCI image-spec v1.1.0, image-index.md; containerd platforms, for what a missing variant means.

import { PlimsollError } from "../../base/errors.ts";
import type { Platform } from "../../model/image.ts";
import type { Descriptor } from "./descriptor.ts";
import { ambiguousDocument } from "./document.ts";

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
const usualVariants: Readonly<Record<string, string>> = { arm64: "v8", arm: "v7", amd64: "v1" };

/** Containers are Linux containers, also where Node runs on something else. */
export function thisPlatform(architecture: string = process.arch): Platform {
  return { os: "linux", architecture: architectures[architecture] ?? architecture, variant: "" };
}

/** `linux/arm64/v8`; undefined for what is no platform. */
export function parsePlatform(text: string): Platform | undefined {
  const found = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/(v[0-9]{1,2}))?$/.exec(text);
  return found === null ? undefined : { os: found[1] ?? "", architecture: found[2] ?? "", variant: found[3] ?? "" };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === "" ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** @throws PlimsollError NOT_FOUND when none is for the platform, AMBIGUOUS_INPUT when several are */
export function chooseManifest(manifests: readonly Descriptor[], wanted: Platform): Descriptor {
  const images = manifests.filter((one) => !isAttestation(one));
  const ranks = images.map((one) => rank(one, wanted));
  const best = Math.max(...ranks, -1);
  const candidates = best < 0 ? withoutPlatform(images) : images.filter((_, index) => ranks[index] === best);
  const [chosen] = candidates;
  if (chosen === undefined) throw notThere(images, wanted);
  if (candidates.some(({ digest }) => digest !== chosen.digest)) {
    throw ambiguousDocument("index", `${candidates.length} images for ${formatPlatform(wanted)}`);
  }
  return chosen;
}

/** BuildKit puts what it says about an image beside it, for a platform that does not exist. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
  return platform?.os === "unknown" || annotations?.["vnd.docker.reference.type"] !== undefined;
}

/** Higher is nearer; -1 cannot run there. */
function rank({ platform }: Descriptor, wanted: Platform): number {
  if (platform?.os !== wanted.os || platform.architecture !== wanted.architecture) return -1;
  const usual = usualVariants[wanted.architecture] ?? "";
  const has = versionOf(platform.variant || usual);
  const may = versionOf(wanted.variant || usual);
  return has <= may ? has : -1;
}

/** An index of one image need not say for which platform. */
function withoutPlatform(images: readonly Descriptor[]): readonly Descriptor[] {
  return images.length === 1 ? images.filter(({ platform }) => platform === undefined) : [];
}

function versionOf(variant: string): number {
  if (variant === "") return 0;
  const version = /^v([0-9]{1,2})$/.exec(variant)?.[1];
  return version === undefined ? Number.POSITIVE_INFINITY : Number(version);
}

function notThere(images: readonly Descriptor[], wanted: Platform): PlimsollError {
  const there = images
    .slice(0, 20)
    .map(({ platform }) =>
      platform === undefined ? "unnamed" : formatPlatform({ ...platform, variant: platform.variant ?? "" }),
    );
  const message = `image: expected one for ${formatPlatform(wanted)}, found ${there.join(", ") || "none"}`;
  return new PlimsollError("NOT_FOUND", message, { hint: "choose one of them with --platform" });
}
