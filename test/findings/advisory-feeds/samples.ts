// A small file of each feed in its publisher's format, written for these tests, and what has to be read from it.

import { spawnSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { zipOf } from "../zip-of.ts";

export type Sample = {
  /** Name of the feed's file. */
  readonly file: string;
  readonly content: Uint8Array;
  /** `namespace package id,aliases fixed state`, in order. */
  readonly expected: readonly string[];
  /** Problems that have to be told. */
  readonly problems: number;
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const osv = (id: string, ecosystem: string, name: string, fixed: string, more: object = {}): string =>
  JSON.stringify({
    id,
    affected: [
      { package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }] },
    ],
    ...more,
  });

const osvZip = (...records: readonly string[]): Buffer =>
  zipOf(Object.fromEntries([...records, "{broken"].map((record, at) => [`${at}.json`, record])));

const tracker = {
  openssl: {
    "CVE-2024-1": {
      description: "A weakness\nin two lines",
      releases: {
        bookworm: { status: "resolved", fixed_version: "3.0.11-1~deb12u2", urgency: "not yet assigned" },
        bullseye: { status: "open", urgency: "low**", nodsa: "Minor issue", nodsa_reason: "" },
        buster: { status: "open", urgency: "end-of-life" },
        trixie: { status: "resolved", fixed_version: "0", urgency: "unimportant" },
        sid: { status: "open", urgency: "high" },
      },
    },
    "CVE-2024-2": { releases: { bookworm: { status: "open", urgency: "unimportant" } } },
    "CVE-2024-3": { releases: { bookworm: { status: "undetermined", urgency: "not yet assigned" } } },
    "CVE-2024-4": { releases: { bookworm: { status: "open", urgency: "medium", nodsa_reason: "ignored" } } },
    "CVE-2024-5": { releases: { bookworm: { status: "open", urgency: "medium", nodsa_reason: "postponed" } } },
  },
};

const lists = `[02 Feb 2023] DSA-5341-1 wpewebkit - security update
	{CVE-2022-42826 CVE-2023-23517}
	[bullseye] - wpewebkit 2.38.4-1~deb11u1
	[buster] - wpewebkit <not-affected> (never there)
[01 Feb 2023] DSA-5340-2 webkit2gtk - regression update
	[bullseye] - webkit2gtk 2.38.4-2~deb11u2
	NOTE: repairs an earlier update
`;

const secdb = {
  distroversion: "v3.19",
  reponame: "main",
  packages: [
    {
      pkg: {
        name: "openssl",
        secfixes: {
          "3.1.4-r3": ["CVE-2023-6237 GHSA-aaaa-bbbb-cccc (+ more)", "CVE-2024-1", "CVE-2023-0466 (rejected below)"],
          "0": ["CVE-2023-0466"],
        },
      },
    },
    { pkg: {} },
  ],
};

const purl = (name: string, version: string, arch: string) => ({
  product: {
    product_id: `${name}-${version}.${arch}`,
    product_identification_helper: { purl: `pkg:rpm/redhat/${name}@${version}?arch=${arch}&epoch=1` },
  },
});
const relation = (component: string, release: string) => ({
  full_product_name: { product_id: `${release}:${component}` },
  product_reference: component,
  relates_to_product_reference: release,
});
const vex = {
  document: { csaf_version: "2.0", aggregate_severity: { text: "Moderate" } },
  product_tree: {
    branches: [
      {
        branches: [
          ...["x86_64", "s390x", "src"].map((arch) => purl("openssl-libs", "3.0.7-27.el9", arch)),
          {
            product: {
              product_id: "BaseOS-9",
              product_identification_helper: { cpe: "cpe:/o:redhat:enterprise_linux:9::baseos" },
            },
          },
          {
            product: {
              product_id: "red_hat_enterprise_linux_8",
              product_identification_helper: { cpe: "cpe:/o:redhat:enterprise_linux:8" },
            },
          },
          { product: { product_id: "openshift", product_identification_helper: { cpe: "cpe:/a:redhat:openshift:4" } } },
          {
            product: {
              product_id: "openssl",
              product_identification_helper: { purl: "pkg:rpm/redhat/openssl?arch=src" },
            },
          },
          { product: { product_id: "nodejs:18/nodejs" } },
        ],
      },
    ],
    relationships: [
      ...["x86_64", "s390x", "src"].map((arch) => relation(`openssl-libs-3.0.7-27.el9.${arch}`, "BaseOS-9")),
      relation("openssl", "red_hat_enterprise_linux_8"),
      relation("nodejs:18/nodejs", "red_hat_enterprise_linux_8"),
      relation("openssl", "openshift"),
    ],
  },
  vulnerabilities: [
    {
      cve: "CVE-2024-1",
      title: "openssl: a weakness",
      threats: [{ category: "impact", details: "Important" }],
      product_status: {
        fixed: ["x86_64", "s390x", "src"].map((arch) => `BaseOS-9:openssl-libs-3.0.7-27.el9.${arch}`),
        known_affected: [
          "red_hat_enterprise_linux_8:openssl",
          "red_hat_enterprise_linux_8:nodejs:18/nodejs",
          "openshift:openssl",
        ],
      },
      remediations: [
        { category: "no_fix_planned", details: "Will not fix", product_ids: ["red_hat_enterprise_linux_8:openssl"] },
      ],
    },
  ],
};

/** Made by the tar of the system, as publishers do. */
function tarOf(name: string, content: string): Buffer {
  const program = `import io, sys, tarfile
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
  for name, text in (("2024/${name}", sys.stdin.read()), ("2024/broken.json", "{"), ("README", "x")):
    info = tarfile.TarInfo(name); info.size = len(text.encode()); tar.addfile(info, io.BytesIO(text.encode()))`;
  return spawnSync("python3", ["-c", program], { input: content, maxBuffer: 1 << 26 }).stdout;
}

const updateinfo = `<?xml version="1.0" ?>
<updates><update author="linux-security@amazon.com" from="linux-security@amazon.com" status="final" type="security" version="1.4"><id>ALAS2-2024-2400</id><title>Amazon Linux 2 2017.12 - ALAS2-2024-2400: important priority package update for bind</title><issued date="2024-01-03 21:04" /><updated date="2024-01-08 18:10" /><severity>important</severity><description>Two &amp; more. <!-- <id>no</id> --></description><references><reference href="http://cve.mitre.org/cgi-bin/cvename.cgi?name=CVE-2023-4408" id="CVE-2023-4408" title="" type="cve" /><reference href="x" id='CVE-2023-50387' title="" type="cve" /><reference href="x" id="RHSA-2024:1" type="self"/></references><pkglist><collection short="amazon-linux-2---core"><name>Amazon Linux 2</name><package arch="x86_64" epoch="32" name="bind" release="26.P2.amzn2.13.6" version="9.11.4"><filename>Packages/bind.rpm</filename></package><package arch="aarch64" epoch="32" name="bind" release="26.P2.amzn2.13.6" version="9.11.4"><filename>Packages/bind.rpm</filename></package></collection></pkglist></update><update
 status="final"><id>ALAS2-2024-2401</id><severity>low</severity><references><reference id="CVE-2024-0001" /></references><pkglist><collection><package name="curl" epoch="" version="8.3.0" release="1.amzn2.0.5" arch="i686"/></collection></pkglist></update><update status="final"><id></id></update></updates>`;

const criterion = (comment: string): string =>
  `<criterion test_ref="oval:com.oracle.elsa:tst:1" comment="${comment}"/>`;
const definition = (
  id: string,
  platforms: readonly string[],
  cves: readonly string[],
  comments: readonly string[],
): string =>
  `<definition id="oval:com.oracle.elsa:def:1" version="501" class="patch">
<metadata>
<title>
${id}:  Moderate: some security update  (MODERATE)
</title>
<affected family="unix">
${platforms.map((platform) => `<platform>${platform}</platform>\n`).join("")}
</affected>
<reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/>
${cves.map((cve) => `<reference source="CVE" ref_id="${cve}" ref_url="https://linux.oracle.com/cve/${cve}.html"/>`).join("\n")}
<!--
 ~~~~~ advisory details ~~~~~
-->
<advisory><severity>MODERATE</severity><issued date="2024-05-30"/></advisory>
</metadata>
<criteria operator="AND">${comments.map(criterion).join("")}</criteria>
</definition>
`;
const oval = `<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions>
${definition(
  "ELSA-2024-1",
  ["Oracle Linux 8"],
  ["CVE-2024-1001", "CVE-2024-1002"],
  [
    "Oracle Linux 8 is installed",
    "Oracle Linux arch is x86_64",
    "Module nodejs:18 is enabled",
    "nodejs is earlier than 1:18.20.2-1.module+el8.9.0+90297+ca5e0b4a",
    "nodejs is signed with the Oracle Linux 8 key",
    "nodejs-packaging-bundler is earlier than 0:2021.06-4.el8",
    "nodejs is earlier than 1:18.20.2-1.module+el8.9.0+90297+ca5e0b4a",
  ],
)}${definition(
  "ELSA-2024-2",
  ["Oracle Linux 7", "Oracle Linux 9"],
  ["CVE-2024-1003"],
  [
    "glibc is earlier than 2:2.17-326.0.9.ksplice1.el7_9.3",
    "glibc is earlier than 0:2.17-326.0.9.el7_9.3",
    "gnutls is earlier than 10:3.7.6-18.el9_fips",
    "gnutls is earlier than 0:3.7.6-18.el9",
  ],
)}${definition("ELSA-2024-3", ["Oracle Linux 8"], [], ["tzdata is earlier than 0:2024a-1.el8"])}${definition("x", [], [], [])}</definitions></oval_definitions>
`;
/** Node has no writer of this format: Python, which the tests have anyway, has one. */
function bzip2(text: string): Buffer {
  const program = "import bz2, sys; sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read()))";
  return spawnSync("python3", ["-c", program], { input: text }).stdout;
}

export const samples: Readonly<Record<string, Sample>> = {
  "debian-tracker": {
    file: "tracker/data/json",
    content: json(tracker),
    expected: [
      "deb:debian:12 openssl CVE-2024-1 3.0.11-1~deb12u2 fixed unknown",
      "deb:debian:11 openssl CVE-2024-1 - deferred low",
      "deb:debian:10 openssl CVE-2024-1 - end-of-life unknown",
      "deb:debian:sid openssl CVE-2024-1 - unfixed high",
      "deb:debian:12 openssl CVE-2024-2 - unfixed negligible unimportant",
      "deb:debian:12 openssl CVE-2024-3 - under-investigation unknown unimportant",
      "deb:debian:12 openssl CVE-2024-4 - wont-fix medium",
      "deb:debian:12 openssl CVE-2024-5 - deferred medium",
    ],
    problems: 0,
  },
  "debian-lists": {
    file: "data/DSA/list",
    content: Buffer.from(lists),
    expected: [
      "deb:debian:11 wpewebkit DSA-5341-1,CVE-2022-42826 2.38.4-1~deb11u1 fixed unknown",
      "deb:debian:11 wpewebkit DSA-5341-1,CVE-2023-23517 2.38.4-1~deb11u1 fixed unknown",
    ],
    problems: 0,
  },
  "alpine-secdb": {
    file: "v3.19/main.json",
    content: json(secdb),
    expected: [
      "apk:alpine:3.19 openssl CVE-2024-1 3.1.4-r3 fixed unknown",
      "apk:alpine:3.19 openssl CVE-2023-6237,GHSA-aaaa-bbbb-cccc 3.1.4-r3 fixed unknown",
    ].reverse(),
    problems: 1,
  },
  "redhat-csaf-vex": {
    file: "archive.tar.zst",
    content: zstdCompressSync(tarOf("cve-2024-1.json", JSON.stringify(vex))),
    expected: [
      "rpm:rhel:9 openssl-libs CVE-2024-1 1:3.0.7-27.el9 fixed high",
      "rpm:rhel:8 openssl CVE-2024-1 - wont-fix high",
      "rpm:rhel:8 nodejs CVE-2024-1 - unfixed high nodejs:18",
    ],
    problems: 1,
  },
  osv: {
    file: "npm/all.zip",
    content: osvZip(
      osv("GHSA-1", "npm", "lodash", "4.17.12", {
        aliases: ["CVE-2019-10744"],
        database_specific: { severity: "CRITICAL" },
      }),
      osv("GHSA-2", "npm", "gone", "1.0.0", { withdrawn: "2024-01-01T00:00:00Z" }),
      osv("GHSA-3", "SwiftURL", "unknown", "1.0.0"),
    ),
    expected: ["npm lodash GHSA-1,CVE-2019-10744 4.17.12 fixed critical"],
    problems: 1,
  },
  "ubuntu-osv": {
    file: "Ubuntu/all.zip",
    content: osvZip(
      osv("UBUNTU-CVE-2024-1", "Ubuntu:22.04:LTS", "curl", "7.81.0-1ubuntu1.14", {
        severity: [{ type: "Ubuntu", score: "low" }],
      }),
      osv("UBUNTU-CVE-2024-2", "Ubuntu:Pro:16.04:LTS", "vim", "2:7.4-1+esm1"),
    ),
    expected: [
      "deb:ubuntu:22.04 curl UBUNTU-CVE-2024-1,CVE-2024-1 7.81.0-1ubuntu1.14 fixed low",
      "deb:ubuntu:16.04:pro vim UBUNTU-CVE-2024-2,CVE-2024-2 2:7.4-1+esm1 fixed unknown",
    ],
    problems: 1,
  },
  wolfi: {
    file: "Wolfi/all.zip",
    content: osvZip(osv("CGA-1", "Wolfi", "aactl", "0.4.12-r22", { upstream: ["CVE-2024-45341"] })),
    expected: ["apk:wolfi aactl CGA-1,CVE-2024-45341 0.4.12-r22 fixed unknown"],
    problems: 1,
  },
  amazon: {
    file: "2/updateinfo.xml.gz",
    content: gzipSync(updateinfo),
    expected: [
      "rpm:amazon:2 bind ALAS2-2024-2400,CVE-2023-4408 32:9.11.4-26.P2.amzn2.13.6 fixed high",
      "rpm:amazon:2 bind ALAS2-2024-2400,CVE-2023-50387 32:9.11.4-26.P2.amzn2.13.6 fixed high",
      "rpm:amazon:2 curl ALAS2-2024-2401,CVE-2024-0001 0:8.3.0-1.amzn2.0.5 fixed low",
    ],
    problems: 1,
  },
  "oracle-oval": {
    file: "com.oracle.elsa-all.xml.bz2",
    content: bzip2(oval),
    expected: [
      "rpm:oracle:8 nodejs ELSA-2024-1,CVE-2024-1001 1:18.20.2-1.module+el8.9.0+90297+ca5e0b4a fixed medium nodejs:18",
      "rpm:oracle:8 nodejs ELSA-2024-1,CVE-2024-1002 1:18.20.2-1.module+el8.9.0+90297+ca5e0b4a fixed medium nodejs:18",
      "rpm:oracle:8 nodejs-packaging-bundler ELSA-2024-1,CVE-2024-1001 0:2021.06-4.el8 fixed medium",
      "rpm:oracle:8 nodejs-packaging-bundler ELSA-2024-1,CVE-2024-1002 0:2021.06-4.el8 fixed medium",
      "rpm:oracle:7 glibc ELSA-2024-2,CVE-2024-1003 0:2.17-326.0.9.el7_9.3 fixed medium",
      "rpm:oracle:9 gnutls ELSA-2024-2,CVE-2024-1003 0:3.7.6-18.el9 fixed medium",
    ],
    problems: 1,
  },
  "rpm-osv": {
    file: "Rocky Linux/all.zip",
    content: osvZip(
      osv("RLSA-2024:1", "Rocky Linux:9", "bash", "0:5.1.8-9.el9", { related: ["CVE-2024-1", "CVE-2024-2"] }),
      osv("SUSE-SU-2024:1", "SUSE:Linux Enterprise Server 15 SP5", "bash", "4.4-150400.27.1", {
        upstream: ["CVE-2024-3"],
      }),
    ),
    expected: [
      "rpm:rocky:9 bash RLSA-2024:1,CVE-2024-1 0:5.1.8-9.el9 fixed unknown",
      "rpm:rocky:9 bash RLSA-2024:1,CVE-2024-2 0:5.1.8-9.el9 fixed unknown",
      "rpm:sles:15.5 bash SUSE-SU-2024:1,CVE-2024-3 4.4-150400.27.1 fixed unknown",
    ],
    problems: 1,
  },
  rustsec: {
    file: "archive/refs/heads/osv.zip",
    content: osvZip(
      osv("RUSTSEC-2024-1", "crates.io", "time", "0.2.23"),
      JSON.stringify({
        id: "RUSTSEC-2024-2",
        affected: [
          {
            package: { ecosystem: "crates.io", name: "old" },
            ranges: [{ type: "SEMVER", events: [{ introduced: "0.0.0-0" }] }],
            database_specific: { informational: "unmaintained" },
          },
        ],
      }),
    ),
    expected: [
      "cargo time RUSTSEC-2024-1 0.2.23 fixed unknown",
      "cargo old RUSTSEC-2024-2 - unfixed unknown unimportant",
    ],
    problems: 1,
  },
  kev: {
    file: "known_exploited_vulnerabilities.json",
    content: json({ vulnerabilities: [{ cveID: "CVE-2025-48384" }, { cveID: "x" }] }),
    expected: ["CVE-2025-48384 -1 true"],
    problems: 1,
  },
  epss: {
    file: "epss_scores-current.csv.gz",
    content: gzipSync("#model_version:v2025\ncve,epss,percentile\nCVE-1999-0001,0.01,0.8\nCVE-1999-0002,2,0\n"),
    expected: ["CVE-1999-0001 0.01 false"],
    problems: 1,
  },
  "end-of-life": {
    file: "debian.csv",
    content: Buffer.from(
      "version,codename,series,created,release,eol,eol-lts,eol-elts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-06-10,2028-06-30,2033-06-30\n,Sid,sid,1993-08-16\n13,Trixie,trixie,x,y,soon\n",
    ),
    expected: ["debian 12 2026-06-10 2028-06-30"],
    problems: 1,
  },
};
