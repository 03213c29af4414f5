// What a report calls the scanned image.

import { formatPackageUrl } from "../base/package-url.ts";
import type { ScanResult } from "../model/scan.ts";
import { hashOf } from "./stable-id.ts";

/** The name by which people know it: what the image is called, else what was asked for. */
export function nameOf({ image }: ScanResult): string {
  return image.names[0] ?? image.subject;
}

/** The most exact name that there is: manifest, else config, else "". */
export function digestOf({ image }: ScanResult): string {
  return image.manifestDigest || image.indexDigest || image.configDigest;
}

/** `pkg:oci/busybox@sha256:...?repository_url=docker.io/library/busybox&tag=1`. @see purl-spec, PURL-TYPES, oci */
export function imageUrl(result: ScanResult): string {
  const name = nameOf(result);
  const repository = name.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(name)?.[1] ?? "";
  return formatPackageUrl({
    type: "oci",
    namespace: "",
    name: (repository.split("/").findLast((part) => part !== "") ?? "image").toLowerCase(),
    version: digestOf(result),
    qualifiers: result.image.names.length === 0 ? {} : { repository_url: repository, tag },
  });
}

/** Names this scan among all others. */
export function scanId(result: ScanResult): string {
  return hashOf(result.image.subject, digestOf(result), result.scannedAt, result.advisoryData.digest);
}
