// Kernels: one source makes headers, tools and libraries too, but only an installed kernel image runs its code.
// Debian signs images in sources of their own, `linux-signed-amd64`, whose advisories are filed under `linux`.

import type { Package } from "../../model/package.ts";

export type Source = { readonly name: string; readonly version: string };

const kernelSource =
  /^linux(?:-(?:signed|meta|hwe|aws|azure|gcp|gke|oem|oracle|raspi|kvm|lowlatency|ibm|latest|\d)[\w.+-]*)?$/;
const kernelImage = /^linux-image-(?:unsigned-)?\d/;

/** The source by which a Debian or Ubuntu package is judged; undefined: not at all. */
export function judgedSource(found: Package): Source | undefined {
  const source = { name: found.sourceName || found.name, version: found.sourceVersion || found.version };
  if (!kernelSource.test(source.name)) return source;
  if (!kernelImage.test(found.name)) return undefined;
  const signed = /^linux-signed(?:-(?:amd64|arm64|armhf|i386|ppc64el|riscv64|loong64))?(-.+)?$/.exec(source.name);
  if (signed === null) return source;
  // The signed source counts its own builds: 6.1.90+1 signs 6.1.90.
  return { name: `linux${signed[1] ?? ""}`, version: source.version.replace(/\+\d+$/, "") };
}
