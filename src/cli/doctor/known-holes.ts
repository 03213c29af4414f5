// Known holes of engines that matter for who gets to be root, as data: add a row, keep its source.

export type KnownHole = {
  readonly id: string;
  /** Name of the component in the engine's answer to GET /version. */
  readonly component: "Engine" | "runc";
  readonly summary: string;
  /** Versions from the first to the last that have it, both included; "" is without end. */
  readonly affected: readonly (readonly [first: string, last: string])[];
  /** Starts of Debian's package versions in which it is fixed although the upstream number says otherwise. */
  readonly fixedInDebian: readonly string[];
  /** How Plimsoll in front of the engine changes it; "" when it does not. */
  readonly closedBy: string;
  readonly source: string;
};

export const knownHoles: readonly KnownHole[] = [
  {
    id: "CVE-2026-34040",
    component: "Engine",
    summary: "request bodies over 1 MiB are hidden from authorization plugins, yet executed",
    affected: [["", "29.3.0"]],
    fixedInDebian: [],
    closedBy: "the gate reads every body itself",
    source: "https://github.com/moby/moby/security/advisories/GHSA-x744-4wpc-v9h2",
  },
  {
    id: "CVE-2024-41110",
    component: "Engine",
    summary: "a request with Content-Length 0 passes authorization plugins without its body",
    affected: [
      ["19.03.0", "20.10.27"],
      ["23.0.0", "23.0.14"],
      ["24.0.0", "24.0.9"],
      ["25.0.0", "25.0.5"],
      ["26.0.0", "26.1.4"],
      ["27.0.0", "27.1.0"],
    ],
    fixedInDebian: ["20.10.24+dfsg1-1+deb12u"],
    closedBy: "the gate reads every body itself",
    source: "https://github.com/moby/moby/security/advisories/GHSA-v23v-6jw2-98fq",
  },
  {
    id: "create-body-top-level",
    component: "Engine",
    summary: "host settings at the top level of a create body are honoured, where many filters do not look",
    affected: [["", "26.1.99"]],
    fixedInDebian: [],
    closedBy: "the gate forwards only what it understood",
    source: "https://github.com/moby/moby/commit/2954b05b03",
  },
  {
    id: "CVE-2024-24557",
    component: "Engine",
    summary: "the classic builder's cache can be poisoned by an image made for it",
    affected: [
      ["", "24.0.8"],
      ["25.0.0", "25.0.1"],
    ],
    fixedInDebian: [],
    closedBy: "",
    source: "https://github.com/moby/moby/security/advisories/GHSA-xw73-rw38-6vjc",
  },
  {
    id: "CVE-2024-23652",
    component: "Engine",
    summary: "a malicious BuildKit frontend or Dockerfile deletes files of the host",
    affected: [
      ["23.0.0", "24.0.8"],
      ["25.0.0", "25.0.1"],
    ],
    fixedInDebian: [],
    closedBy: "BuildKit needs the grant build.unrestricted",
    source: "https://github.com/moby/buildkit/security/advisories/GHSA-4v98-7qmw-rqr8",
  },
  {
    id: "CVE-2024-21626",
    component: "runc",
    summary: "an image whose working directory is a leaked descriptor escapes to the host",
    affected: [["1.0.0", "1.1.11"]],
    fixedInDebian: ["1.1.5+ds1-1+deb12u"],
    closedBy: "",
    source: "https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv",
  },
  {
    id: "CVE-2025-31133",
    component: "runc",
    summary: "races on masked paths give a container write access to the host's /proc",
    affected: [
      ["", "1.2.7"],
      ["1.3.0", "1.3.2"],
    ],
    fixedInDebian: [],
    closedBy: "",
    source: "https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2",
  },
];

/** True when the version has the hole. @param packageVersion Debian's, "" when it is none */
export function hasHole(hole: KnownHole, version: string, packageVersion: string): boolean {
  if (hole.fixedInDebian.some((start) => packageVersion.startsWith(start))) return false;
  return hole.affected.some(
    ([first, last]) =>
      (first === "" || compareVersions(version, first) >= 0) && (last === "" || compareVersions(version, last) <= 0),
  );
}

/** By the numbers at the start: `20.10.24+dfsg1` is 20.10.24. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function numbersOf(version: string): readonly number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "0").split(".").map(Number);
}
