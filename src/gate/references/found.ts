// What the gate remembers of the engine's objects, read from their inspect answers.
// Source: Engine API reference, the Inspect operations.

import { fieldAt, fieldsAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import { canonicalTag, readReference, repositoryOf } from "../../base/reference.ts";
import type { Platform } from "../../model/image.ts";
import { ownerLabel, requestLabel } from "../ownership/labels.ts";

export type FoundContainer = {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** `sha256:...` */
  readonly imageId: string;
  /** As configured; "" for root. */
  readonly user: string;
  /** Names of the profiles that hardened it when it was made. An image's own label can only add some. */
  readonly profiles: readonly string[];
};

export type FoundImage = {
  /** `sha256:...` */
  readonly id: string;
  /** In the ledger's form. */
  readonly tags: readonly string[];
  /** Repositories that the engine knows a digest of: it was pulled from there, or pushed to it. */
  readonly repositories: readonly string[];
  /** The same with the digest, `docker.io/library/a@sha256:...`: what the engine says, which nobody has checked. */
  readonly places: readonly string[];
  readonly platform: Platform;
  /** "" for root. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It declares volumes: the engine makes one for each, under a random name. */
  readonly declaresVolumes: boolean;
  /** Instructions that a build from this image runs first. */
  readonly onBuild: readonly string[];
};

export type FoundNetwork = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** One of the engine's own. */
  readonly isShared: boolean;
};

export type FoundVolume = {
  /** The name: volumes have no other id. */
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
};

/** Services, tasks, nodes, secrets and configs. */
export type FoundSwarmThing = { readonly id: string; readonly name: string; readonly owner: string };

type Labels = Readonly<Record<string, string>>;

export function readImage(value: unknown): FoundImage {
  const digests = textsAt(value, "RepoDigests").map(readReference);
  return {
    id: textAt(value, "Id"),
    tags: textsAt(value, "RepoTags")
      .map(canonicalTag)
      .filter((tag) => tag !== undefined),
    repositories: digests.filter((name) => name !== undefined).map(repositoryOf),
    places: digests.flatMap((name) => (name?.digest === undefined ? [] : [`${repositoryOf(name)}@${name.digest}`])),
    platform: {
      os: textAt(value, "Os"),
      architecture: textAt(value, "Architecture"),
      variant: textAt(value, "Variant"),
    },
    user: textAt(value, "Config", "User"),
    labels: textMapAt(value, "Config", "Labels"),
    declaresVolumes: Object.keys(fieldsAt(value, "Config", "Volumes")).length > 0,
    onBuild: textsAt(value, "Config", "OnBuild"),
  };
}

/**
 * The owner that a container's labels name. A container also inherits the labels of its image, and an image may come from
 * anywhere: labels of ours that stand in the image too are the image's, and make nobody an owner.
 */
export async function ownerOfContainer(
  labels: Labels,
  imageLabels: () => Promise<Labels | undefined>,
): Promise<string> {
  const isLabelled = (labels[ownerLabel] ?? "") !== "" && (labels[requestLabel] ?? "") !== "";
  return isLabelled ? ownerBeside(labels, await imageLabels()) : "";
}

/** @param imageLabels undefined when the image is gone */
export function ownerBeside(labels: Labels, imageLabels: Labels | undefined): string {
  const owner = labels[ownerLabel] ?? "";
  const request = labels[requestLabel] ?? "";
  return owner === "" || request === "" || imageLabels?.[requestLabel] === request ? "" : owner;
}

/** The owner of anything that inherits no labels. */
export function ownerOfLabels(labels: Labels): string {
  return labels[ownerLabel] ?? "";
}

const ownNetworks: ReadonlySet<string> = new Set(["bridge", "host", "none", "podman"]);

export function readNetwork(value: unknown): FoundNetwork {
  const name = textAt(value, "Name");
  const owner = ownerOfLabels(textMapAt(value, "Labels"));
  return { id: textAt(value, "Id"), name, owner, isShared: owner === "" && ownNetworks.has(name) };
}

/** @param claims owners that the ledger knows, for volumes that got no label */
export function readVolume(value: unknown, claims: readonly string[]): FoundVolume {
  const labelled = ownerOfLabels(textMapAt(value, "Labels"));
  const name = textAt(value, "Name");
  return {
    id: name,
    name,
    owner: labelled === "" ? (claims[0] ?? "") : labelled,
    driver: textAt(value, "Driver"),
    options: textMapAt(value, "Options"),
  };
}

export function readSwarmThing(value: unknown): FoundSwarmThing {
  const isTask = fieldAt(value, "ServiceID") !== undefined && fieldAt(value, "Spec", "ContainerSpec") !== undefined;
  const labels = isTask ? textMapAt(value, "Spec", "ContainerSpec", "Labels") : textMapAt(value, "Spec", "Labels");
  return { id: textAt(value, "ID"), name: textAt(value, "Spec", "Name"), owner: ownerOfLabels(labels) };
}
