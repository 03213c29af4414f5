// The distribution, from the files that were there before os-release: what remains in use is Red Hat's family up to version 6, and Alpine without os-release.
// Source: the packages centos-release, redhat-release, oraclelinux-release, system-release; alpine-base.

import type { Distribution } from "../../model/package.ts";
import type { Cataloger } from "../cataloger.ts";
import { baseName, readText } from "../text.ts";

/** Today most of these are links to one of the others. */
const distributions = ["almalinux", "amazon-linux", "centos", "fedora", "oracle", "redhat", "rocky", "system"];

export const releaseFiles: Cataloger = {
  name: "release-files",
  summary: "the distribution, from release files older than os-release",
  needs: {},
  version: 1,
  reads: {
    paths: [
      "etc/alpine-release",
      ...distributions.flatMap((name) => [`etc/${name}-release`, `usr/lib/${name}-release`]),
    ],
  },
  maxBytes: 64 * 1024,
  catalog({ path, content }) {
    const [line = ""] = readText(content).split("\n", 1);
    const distribution = baseName(path) === "alpine-release" ? ofAlpine(line.trim()) : ofRedHatFamily(line.trim());
    return { packages: [], owned: [], ...(distribution !== undefined && { distribution }) };
  },
};

/** `3.18.4` */
function ofAlpine(line: string): Distribution | undefined {
  if (!/^\d[\w.]{0,30}$/.test(line)) return undefined;
  return { id: "alpine", version: line, codename: "", prettyName: `Alpine Linux ${line}` };
}

const names: readonly (readonly [beginning: string, id: string])[] = [
  ["AlmaLinux", "almalinux"],
  ["Amazon Linux", "amzn"],
  ["CentOS", "centos"],
  ["Fedora", "fedora"],
  ["Oracle Linux", "ol"],
  ["Red Hat Enterprise Linux", "rhel"],
  ["Rocky Linux", "rocky"],
  ["Scientific Linux", "scientific"],
];

/** `CentOS release 6.10 (Final)` */
function ofRedHatFamily(line: string): Distribution | undefined {
  const id = names.find(([beginning]) => line.startsWith(beginning))?.[1];
  const [, version, codename = ""] = / release (\d[\d.]{0,20})(?: \(([^)]{1,60})\))?/.exec(line) ?? [];
  return id === undefined || version === undefined ? undefined : { id, version, codename, prettyName: line };
}
