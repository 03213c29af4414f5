// Results of scans that never were: one as people see it every day, and one whose every text is an attack on who reads it.

import type { Finding, Secret, Vulnerability } from "../../src/model/finding.ts";
import type { ImageDescription } from "../../src/model/image.ts";
import type { LocatedPackage } from "../../src/model/package.ts";
import type { ScanResult } from "../../src/model/scan.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

export function samplePackage(more: Partial<LocatedPackage> & { readonly name: string }): LocatedPackage {
  const version = more.version ?? "1.0";
  return {
    ecosystem: "deb",
    version,
    architecture: "amd64",
    sourceName: more.name,
    sourceVersion: version,
    license: "",
    vendor: "",
    module: "",
    evidence: "var/lib/dpkg/status",
    linked: [],
    isInstalled: true,
    layer: 0,
    isOwnedByDistribution: false,
    ...more,
  };
}

export function sampleVulnerability(more: Partial<Vulnerability> & { readonly id: string }): Vulnerability {
  return {
    kind: "vulnerability",
    severity: "high",
    title: "a weakness",
    remedy: "",
    path: "var/lib/dpkg/status",
    layer: 0,
    aliases: [],
    ecosystem: "deb",
    package: "openssl",
    version: "3.0.9-1",
    advisories: ["DSA-5532-1"],
    namespace: "deb:debian:12",
    fixState: "unfixed",
    fixedVersion: "",
    severitySource: "debian",
    cvssScore: -1,
    cvssVector: "",
    exploitation: { epss: -1, isKnownExploited: false },
    url: `https://security-tracker.debian.org/tracker/${more.id}`,
    published: "2026-02-03T00:00:00Z",
    ...more,
  };
}

export const sampleSecret: Secret = {
  kind: "secret",
  id: "aws-access-key-id",
  severity: "critical",
  title: "AWS access key",
  remedy: "revoke the key, and build the image without it",
  path: "app/.env",
  layer: 2,
  masked: "AKIA************MPLE",
  fingerprint: "1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3",
  line: 3,
  place: "file",
};

const image: ImageDescription = {
  subject: "shop/web:2.4",
  source: "docker-archive",
  names: ["docker.io/shop/web:2.4"],
  indexDigest: "",
  manifestDigest: digest("a"),
  configDigest: digest("b"),
  config: {
    platform: { os: "linux", architecture: "amd64", variant: "" },
    created: "2026-11-01T10:00:00Z",
    user: "",
    env: ["PATH=/usr/bin", "DATABASE_PASSWORD=hunter2hunter2"],
    entrypoint: ["node"],
    command: ["server.js"],
    workingDirectory: "/app",
    labels: {},
    exposedPorts: ["8080/tcp"],
    volumes: [],
    onBuild: [],
    stopSignal: "",
    healthcheck: [],
    healthcheckInterval: 0,
    diffIds: [digest("1"), digest("2"), digest("3")],
    history: [
      { createdBy: "/bin/sh -c #(nop) ADD file:abc in / ", created: "", comment: "", isEmptyLayer: false },
      {
        createdBy: "RUN /bin/sh -c apt-get update && apt-get install -y nodejs # buildkit",
        created: "",
        comment: "",
        isEmptyLayer: false,
      },
      { createdBy: "COPY . /app # buildkit", created: "", comment: "", isEmptyLayer: false },
    ],
  },
  layers: [
    ["1", "/bin/sh -c #(nop) ADD file:abc in / ", 30_000_000],
    ["2", "RUN /bin/sh -c apt-get update && apt-get install -y nodejs # buildkit", 45_000_000],
    ["3", "COPY . /app # buildkit", 1_200_000],
  ].map(([letter, createdBy, size], index) => ({
    index,
    digest: digest(String(letter)),
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    size: Number(size),
    diffId: digest(String(letter)),
    createdBy: String(createdBy),
  })),
};

const packages: readonly LocatedPackage[] = [
  samplePackage({ name: "openssl", version: "3.0.9-1", license: "Apache-2.0", vendor: "Debian OpenSSL Team" }),
  samplePackage({ name: "libssl3", version: "3.0.9-1", sourceName: "openssl", license: "see copyright" }),
  samplePackage({ name: "libwebp7", version: "1.2.4-0.2", sourceName: "libwebp", layer: 1 }),
  samplePackage({ name: "zlib1g", version: "1:1.2.13.dfsg-1", sourceName: "zlib", license: "Zlib" }),
  samplePackage({
    name: "lodash",
    version: "4.17.4",
    ecosystem: "npm",
    license: "MIT",
    evidence: "app/node_modules/lodash/package.json",
    layer: 2,
    architecture: "",
  }),
  samplePackage({
    name: "lodash",
    version: "4.17.4",
    ecosystem: "npm",
    license: "MIT",
    evidence: "app/node_modules/x/node_modules/lodash/package.json",
    layer: 2,
    architecture: "",
  }),
  samplePackage({
    name: "@babel/core",
    version: "7.1.0",
    ecosystem: "npm",
    license: "(MIT OR Apache-2.0)",
    evidence: "app/package-lock.json",
    layer: 2,
    architecture: "",
  }),
  samplePackage({
    name: "org.apache.logging.log4j:log4j-core",
    version: "2.14.1",
    ecosystem: "maven",
    evidence: "app/app.jar",
    layer: 2,
    architecture: "",
  }),
  samplePackage({
    name: "golang.org/x/net",
    version: "v0.7.0",
    ecosystem: "go",
    evidence: "usr/bin/tool",
    layer: 2,
    architecture: "",
  }),
];

const findings: readonly Finding[] = [
  sampleVulnerability({
    id: "CVE-2023-5363",
    title: "incorrect cipher key and IV length processing",
    fixState: "fixed",
    fixedVersion: "3.0.11-1~deb12u2",
    remedy: "upgrade openssl to 3.0.11-1~deb12u2",
    cvssScore: 7.5,
    cvssVector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
    aliases: ["DSA-5532-1"],
  }),
  sampleVulnerability({
    id: "CVE-2023-5363",
    title: "incorrect cipher key and IV length processing",
    package: "libssl3",
    fixState: "fixed",
    fixedVersion: "3.0.11-1~deb12u2",
    remedy: "upgrade libssl3 to 3.0.11-1~deb12u2",
    cvssScore: 7.5,
    cvssVector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
  }),
  sampleVulnerability({
    id: "CVE-2023-4863",
    severity: "critical",
    title: "heap buffer overflow in the decoder of lossless pictures",
    package: "libwebp7",
    version: "1.2.4-0.2",
    layer: 1,
    fixState: "fixed",
    fixedVersion: "1.2.4-0.2+deb12u1",
    cvssScore: 8.8,
    exploitation: { epss: 0.93, isKnownExploited: true },
  }),
  sampleVulnerability({
    id: "CVE-2021-44228",
    severity: "critical",
    title: "remote code execution by a logged text (Log4Shell)",
    package: "org.apache.logging.log4j:log4j-core",
    version: "2.14.1",
    ecosystem: "maven",
    namespace: "maven",
    path: "app/app.jar",
    layer: 2,
    fixState: "fixed",
    fixedVersion: "2.15.0",
    cvssScore: 10,
    exploitation: { epss: 0.97, isKnownExploited: true },
    aliases: ["GHSA-jfh8-c2jp-5v3q"],
  }),
  sampleVulnerability({
    id: "CVE-2019-10744",
    title: "prototype pollution in defaultsDeep",
    package: "lodash",
    version: "4.17.4",
    ecosystem: "npm",
    namespace: "npm",
    path: "app/node_modules/lodash/package.json",
    layer: 2,
    fixState: "fixed",
    fixedVersion: "4.17.12",
    cvssScore: 9.1,
    severity: "critical",
  }),
  sampleVulnerability({
    id: "CVE-2020-8203",
    title: "prototype pollution in zipObjectDeep",
    package: "lodash",
    version: "4.17.4",
    ecosystem: "npm",
    namespace: "npm",
    path: "app/node_modules/lodash/package.json",
    layer: 2,
    fixState: "fixed",
    fixedVersion: "4.17.20",
    cvssScore: 7.4,
  }),
  sampleVulnerability({
    id: "CVE-2022-41723",
    severity: "medium",
    title: "quadratic time in HPACK decoding",
    package: "golang.org/x/net",
    version: "v0.7.0",
    ecosystem: "go",
    namespace: "go",
    path: "usr/bin/tool",
    layer: 2,
    fixState: "fixed",
    fixedVersion: "0.8.0",
  }),
  sampleVulnerability({
    id: "CVE-2023-45853",
    severity: "low",
    title: "integer overflow in MiniZip",
    package: "zlib1g",
    version: "1:1.2.13.dfsg-1",
    fixState: "wont-fix",
  }),
  sampleVulnerability({
    id: "CVE-2011-3374",
    severity: "negligible",
    title: "apt-key does not validate the net keyring",
    package: "openssl",
    fixState: "unfixed",
  }),
  sampleSecret,
  {
    kind: "malware",
    id: "Plimsoll_Test_Eicar",
    severity: "critical",
    title: "EICAR test file",
    remedy: "rebuild the image without app/eicar.com",
    path: "app/eicar.com",
    layer: 2,
    detector: "yara",
    sha256: "2".repeat(64),
    isDeleted: true,
  },
  {
    kind: "misconfiguration",
    id: "runs-as-root",
    severity: "medium",
    title: "the image runs as root",
    remedy: "set USER to a numeric id in the Dockerfile",
    path: "",
    layer: -1,
  },
  {
    kind: "misconfiguration",
    id: "setuid-file",
    severity: "low",
    title: "a setuid file lets its caller become root",
    remedy: "remove the setuid bit where it is not needed",
    path: "usr/bin/passwd",
    layer: 0,
  },
  {
    kind: "misconfiguration",
    id: "setuid-file",
    severity: "low",
    title: "a setuid file lets its caller become root",
    remedy: "remove the setuid bit where it is not needed",
    path: "usr/bin/chsh",
    layer: 0,
  },
];

export const sample: ScanResult = {
  image,
  layers: image.layers.map(({ digest: layerDigest, diffId, size }, at) => ({
    digest: layerDigest,
    diffId,
    size: size * 2.5,
    entries: 1000 * (at + 1),
    ambiguities: [],
  })),
  inventory: {
    distribution: { id: "debian", version: "12", codename: "bookworm", prettyName: "Debian GNU/Linux 12 (bookworm)" },
    packages,
    problems: [{ path: "app/broken.jar", plugin: "jar", what: "no central directory was found" }],
  },
  findings,
  suppressed: [
    {
      finding: sampleVulnerability({
        id: "CVE-2021-23337",
        title: "command injection by a template",
        package: "lodash",
        version: "4.17.4",
        ecosystem: "npm",
        path: "app/node_modules/lodash/package.json",
        layer: 2,
        fixState: "fixed",
        fixedVersion: "4.17.21",
      }),
      by: "vex",
      status: "not_affected",
      reason: "vulnerable_code_not_in_execute_path",
      source: "shop.vex.json, statement 1",
    },
    {
      finding: {
        kind: "misconfiguration",
        id: "no-healthcheck",
        severity: "low",
        title: "no health check",
        remedy: "",
        path: "",
        layer: -1,
      },
      by: "ignore-rule",
      status: "ignored",
      reason: "the orchestrator asks by itself",
      source: ".plimsollignore.yaml, rule 2",
    },
  ],
  advisoryData: {
    digest: "c".repeat(64),
    builtAt: "2026-11-22T03:00:00Z",
    feeds: [
      { name: "osv", updatedAt: "2026-11-22T02:00:00Z", advisories: 150_000 },
      { name: "debian", updatedAt: "2026-11-22T02:30:00Z", advisories: 40_000 },
    ],
  },
  decision: {
    verdict: "deny",
    rules: [{ id: "restricted/no-malware", kind: "policy", file: "policies/restricted.cedar", line: 61 }],
    reason: "the image holds malware",
    remedy: "rebuild the image without the files that are named",
  },
  scannedAt: "2026-11-22T06:00:00.123Z",
  durationMs: 3210,
  tool: "plimsoll 0.1.0",
};

/** Ends every kind of markup, moves a terminal's cursor, changes its title, reverses letters, and is no well-formed text. */
export const hostileText = `'"><script>alert(1)</script><img src=x onerror=alert(1)>]]>&--></style>\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\ud800\u0000\r\n=cmd|' /C calc'!A0`;

/** The sample with every text from outside replaced by an attack. */
export const hostile: ScanResult = {
  ...sample,
  image: {
    ...image,
    subject: hostileText,
    names: [hostileText],
    layers: image.layers.map((layer) => ({ ...layer, createdBy: `RUN ${hostileText}` })),
    config: { ...image.config, platform: { os: hostileText, architecture: hostileText, variant: hostileText } },
  },
  inventory: {
    distribution: { id: hostileText, version: hostileText, codename: hostileText, prettyName: hostileText },
    packages: packages.map((found) => ({
      ...found,
      name: hostileText,
      version: hostileText,
      license: hostileText,
      vendor: hostileText,
      evidence: hostileText,
      sourceName: hostileText,
    })),
    problems: [{ path: hostileText, plugin: "jar", what: hostileText }],
  },
  findings: findings.map((finding) => poisoned(finding)),
  suppressed: sample.suppressed.map((one) => ({
    ...one,
    finding: poisoned(one.finding),
    reason: hostileText,
    source: hostileText,
  })),
};

function poisoned(finding: Finding): Finding {
  const texts = { id: hostileText, title: hostileText, remedy: hostileText, path: hostileText };
  switch (finding.kind) {
    case "vulnerability":
      return {
        ...finding,
        ...texts,
        package: hostileText,
        version: hostileText,
        fixedVersion: hostileText,
        url: `javascript:alert(1)//${hostileText}`,
        aliases: [hostileText],
        severitySource: hostileText,
        cvssVector: hostileText,
        published: hostileText,
      };
    case "secret":
      return { ...finding, ...texts, masked: hostileText };
    default:
      return { ...finding, ...texts };
  }
}
