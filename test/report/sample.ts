// Results of scans that never were: one as people see it every day, and one whose every text is an attack on who reads it.

import type { Finding } from "../../src/model/finding.ts";
import type { ImageDescription } from "../../src/model/image.ts";
import type { ScanResult } from "../../src/model/scan.ts";
import { sampleFindings, samplePackages, sampleVulnerability } from "./sample-findings.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

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
    packages: samplePackages,
    problems: [{ path: "app/broken.jar", plugin: "jar", what: "no central directory was found" }],
  },
  findings: sampleFindings,
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
    packages: samplePackages.map((found) => ({
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
  findings: sampleFindings.map((finding) => poisoned(finding)),
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
