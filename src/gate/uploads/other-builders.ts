// What Podman's builder (Buildah) makes of a Dockerfile beyond what Docker's classic builder does: flags of RUN that join the host's
// network or a cache of all callers and images that are named by where they lie on the host.
// Source: containers/buildah, imagebuildah/stage_executor.go (Run), internal/volumes (GetCacheMount); containers/image,
// transports/alltransports.

import { formatReference, readReference } from "../../base/reference.ts";
import { quoted, refused } from "../normalize/refused.ts";
import { type Pinning, pinImage } from "../references/pinning.ts";
import type { Refusal } from "../refusal.ts";
import type { DockerfileReferences } from "./dockerfile-references.ts";

/** Files of the context or of an image that is judged, empty files in memory, and no network or the build's own. */
const plainRunFlag = /^--(?:mount=(?:type=(?:bind|tmpfs)(?:,|$))?(?!.*type=)[^"'\\$]*|network=(?:none|default))$/i;

const transport =
  /^(?:containers-storage|dir|docker|docker-archive|docker-daemon|docker-reference|oci|oci-archive|ostree|atomic|sif|tarball):/i;

/** What of a Dockerfile would go past the gate in front of this engine. */
export function otherBuildReadings({ runFlags, images }: DockerfileReferences, engineKind: string): readonly Refusal[] {
  if (engineKind === "docker") return [];
  return [
    ...runFlags.filter((flag) => !plainRunFlag.test(flag)).map(refuseFlag),
    ...images.filter((image) => transport.test(image)).map(refuseTransport),
  ];
}

/** A short name may be an image without a registry to Podman's API, and is one of Docker Hub to its builder: both are judged. */
export async function nameOfHub(pinning: Pinning, image: string, engineKind: string): Promise<void> {
  const reference = engineKind === "docker" ? undefined : readReference(image);
  if (reference?.domain !== "docker.io" || image.startsWith("docker.io/")) return;
  const name = formatReference(reference);
  if ((await pinning.lookup.image(name)) !== undefined) await pinImage(pinning, name);
}

function refuseFlag(flag: string): Refusal {
  return refused({
    code: "ACCESS_DENIED",
    slug: "other-builder",
    status: 403,
    reason: `Dockerfile: RUN ${quoted(flag)} reaches past the build in Podman's builder`,
    hint: "use mounts of the types bind and tmpfs alone, and no network but the build's own",
  });
}

function refuseTransport(image: string): Refusal {
  return refused({
    code: "ACCESS_DENIED",
    slug: "other-builder",
    status: 403,
    reason: `Dockerfile: ${quoted(image)} names an image by where it lies, to Podman's builder`,
    hint: "name images as registry/path:tag",
  });
}
