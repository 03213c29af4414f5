// Who built an rpm: the vendor tag tells. Whoever is not known here is somebody else than the distribution.
// Looked at: the vendor tags of the distributions' own images.

/** Beginnings of vendor tags. */
const distributions: readonly string[] = [
  "AlmaLinux",
  "Amazon Linux",
  "Amazon.com",
  "Azure Linux",
  "CBL-Mariner",
  "CentOS",
  "CloudLinux",
  "Fedora Project",
  "Mageia",
  "openEuler",
  "openSUSE",
  "Oracle America",
  "Photon",
  "Red Hat, Inc.",
  "Rocky",
  "Scientific Linux",
  "SUSE LLC",
  "SUSE LINUX",
  "VMware, Inc.",
];

export function isDistributionBuild(vendor: string, release: string): boolean {
  // Microsoft builds a distribution, and packages for others.
  if (vendor === "Microsoft Corporation") return /\.(?:azl|cm)\d/.test(release);
  return distributions.some((name) => vendor.startsWith(name));
}
