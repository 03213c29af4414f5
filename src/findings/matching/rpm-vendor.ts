// Whose rpm is it? What somebody else built (EPEL, a vendor's repository) is not what the distribution's advisories speak of.

import type { Distribution, Package } from "../../model/package.ts";

const vendors: Readonly<Record<string, RegExp>> = {
  rhel: /^red hat/i,
  centos: /^(?:centos|red hat)/i,
  rocky: /^rocky/i,
  almalinux: /^almalinux/i,
  ol: /^oracle/i,
  amzn: /^amazon/i,
  fedora: /^fedora/i,
  sles: /^suse/i,
  "opensuse-leap": /^(?:opensuse|suse)/i,
  "opensuse-tumbleweed": /^(?:opensuse|suse)/i,
  azurelinux: /^microsoft/i,
  mariner: /^microsoft/i,
  photon: /^vmware/i,
};

/** A package that does not say counts as the distribution's: better one finding too many. */
export function isFromDistribution(found: Package, distribution: Distribution | undefined): boolean {
  if (found.vendor === "" || distribution === undefined) return true;
  return vendors[distribution.id]?.test(found.vendor) ?? true;
}
