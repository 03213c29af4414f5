// One repository of a registry as a place for artifacts: manifests, small blobs, and what speaks about a digest, by the
// referrers API and by the fallback tag. "Not there" is only what the registry said to be not there; all else is an error.
// Source: OCI distribution-spec v1.1.0, "Pull", "Push", "Listing Referrers", "Unavailable Referrers API".

import { PlimsollError } from "../../base/errors.ts";
import { type ImageReference, repositoryOf } from "../../base/reference.ts";
import type { Artifact, ArtifactStore, ManifestUpdate, ReferrerList } from "../../model/artifact-store.ts";
import type { Digest } from "../../model/image.ts";
import { checkDigest, digestOf, isDigest } from "../documents/digest.ts";
import { indexTypes, manifestTypes } from "../documents/manifest.ts";
import type { SourceSettings } from "../source.ts";
import { checkStatus, dropped, readWhole } from "./answer.ts";
import { endpointOf } from "./endpoint.ts";
import { pushBlob, pushManifest } from "./push.ts";
import { fallbackTag, mergeReferrers, readApiReferrers, readTagReferrers, withSought } from "./referrers.ts";
import { RegistrySession } from "./registry-session.ts";
import { refused } from "./send.ts";
import { updateSharedTag } from "./shared-tag.ts";

/** Of one question about one image, all manifests and blobs together. Real ones need a hundredth. */
const maxBytes = 64 * 1024 * 1024;

/** @param access `pull,push` to write there as well */
export function openArtifacts(
  reference: ImageReference,
  settings: SourceSettings,
  access: "pull" | "pull,push" = "pull",
): ArtifactStore {
  return new RegistryArtifacts(reference, settings, access);
}

class RegistryArtifacts implements ArtifactStore {
  readonly repository: string;
  readonly #session: RegistrySession;
  readonly #settings: SourceSettings;
  /** By digest, which never changes; every format looks through the same referrers. */
  readonly #known = new Map<Digest, Promise<Artifact | undefined>>();
  /** Every format asks for the same lists. */
  readonly #lists = new Map<Digest, { api: Promise<ReferrerList>; tag: Promise<Artifact | undefined> }>();
  #bytes = 0;

  constructor(reference: ImageReference, settings: SourceSettings, access: "pull" | "pull,push") {
    this.repository = repositoryOf(reference);
    this.#settings = settings;
    const endpoint = endpointOf(reference.domain, settings);
    this.#session = new RegistrySession({ endpoint, path: reference.path, settings }, access);
  }

  manifest(reference: string): Promise<Artifact | undefined> {
    if (!isDigest(reference)) return this.#fetchManifest(reference);
    const known = this.#known.get(reference) ?? this.#fetchManifest(reference);
    this.#known.set(reference, known);
    return known;
  }

  async blob(digest: Digest, most: number): Promise<Uint8Array> {
    checkedDigest(digest);
    const answer = await this.#session.ask(`blobs/${digest}`, { headers: {} });
    checkStatus(answer, [200]);
    const bytes = this.#counted(await readWhole(answer, most));
    checkDigest(bytes, digest, "blob");
    return bytes;
  }

  /** What is answered from elsewhere, or not at all, says nothing. */
  async blobSize(digest: Digest): Promise<number | undefined> {
    checkedDigest(digest);
    const answer = await this.#session.ask(`blobs/${digest}`, { method: "HEAD", headers: {} });
    dropped(answer);
    const length = /^(?:0|[1-9][0-9]{0,14})$/.exec(answer.headers["content-length"] ?? "");
    return answer.statusCode === 200 && length !== null ? Number(length[0]) : undefined;
  }

  async referrers(digest: Digest, sought: readonly string[]): Promise<ReferrerList> {
    checkedDigest(digest);
    const { api, tag } = this.#lists.get(digest) ?? {
      api: readApiReferrers(this.#session, digest),
      tag: this.manifest(fallbackTag(digest)),
    };
    this.#lists.set(digest, { api, tag });
    const [all, tagged] = await Promise.all([api, readTagReferrers(() => tag, sought)]);
    return mergeReferrers(await withSought(this.#session, digest, all, sought), tagged);
  }

  putBlob(bytes: Uint8Array): Promise<Digest> {
    return pushBlob(this.#session, bytes);
  }

  putManifest(reference: string, bytes: Uint8Array, mediaType: string): Promise<Digest> {
    return pushManifest(this.#session, this, { reference, bytes, mediaType });
  }

  updateManifest(tag: string, update: ManifestUpdate): Promise<Digest> {
    return updateSharedTag({ store: this, tag, update });
  }

  async #fetchManifest(reference: string): Promise<Artifact | undefined> {
    const headers = { Accept: [...manifestTypes, ...indexTypes].join(", ") };
    const answer = await this.#session.ask(`manifests/${reference}`, { headers });
    if (answer.statusCode === 404) return dropped(answer);
    checkStatus(answer, [200]);
    const mediaType = (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    if (mediaType === "") throw dropped(answer) ?? refused("a manifest without a media type");
    const bytes = this.#counted(await readWhole(answer, this.#settings.limits.maxManifestBytes));
    if (isDigest(reference)) checkDigest(bytes, reference, "manifest");
    return { digest: digestOf(bytes), mediaType, bytes };
  }

  #counted(bytes: Buffer): Buffer {
    this.#bytes += bytes.length;
    if (this.#bytes <= maxBytes) return bytes;
    throw new PlimsollError("LIMIT_EXCEEDED", `registry: more than ${maxBytes} bytes of signatures for one image`, {
      hint: "remove what does not belong there from the registry",
    });
  }
}

/** It becomes part of an address. */
function checkedDigest(digest: Digest): void {
  if (!isDigest(digest)) throw refused(`a digest that is none: ${JSON.stringify(digest.slice(0, 100))}`);
}
