// How versions look in each world: the parts that pairs are made of.

import { type Grammar, labelledVersions } from "./version-pairs.ts";

export const debVersions: Grammar = {
  prefixes: ["", "", "", "", "1:", "2:", "0:"],
  separators: [".", ".", ".", "-", "+"],
  suffixes: ["~rc#", "+dfsg", "+dfsg#", "~beta#", "+really#", "+git#", "~", "a", "p#", "+ds"],
  revisions: ["-#", "-#", "", "-#+deb12u#", "-0ubuntu0.22.04.#", "-#~bpo12+#", "-#+b#", "-#.#", "-0.#~exp1"],
  valid: /^(?:\d+:)?\d(?:[A-Za-z0-9.+~-]*[A-Za-z0-9.+~])?$/,
  real: labelledVersions(/^(?:\d+:)?\d[A-Za-z0-9.+~]*-[A-Za-z0-9.+~]+$/),
};

export const rpmVersions: Grammar = {
  prefixes: ["", "", "", "0:", "1:", "32:"],
  separators: [".", ".", ".", "_", "+", ""],
  suffixes: ["~rc#", "^git#", "a", "b#", ".P#", "~beta", "^", "+", "_#"],
  revisions: ["-#.el8", "-#.el9_2.#", "-#.module+el8.9.0+#+abcdef", "-#.fc39", "", "-#.amzn2", "-150400.#.1"],
  valid: /^(?:\d+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?$/,
  real: labelledVersions(/\.(?:el|fc|amzn|am|module)\w*/),
};

export const pythonVersions: Grammar = {
  prefixes: ["", "", "", "v", "1!"],
  separators: ["."],
  suffixes: ["rc#", "a#", "b#", ".post#", ".dev#", "+local.#", "-#", ".alpha#", "_beta_#", "c#", "-preview.#"],
  revisions: ["", "", "", ".dev#", "+ubuntu.#"],
  valid: /^[\x21-\x7e]+$/,
};

export const rubyVersions: Grammar = {
  prefixes: [""],
  separators: ["."],
  suffixes: [".pre", ".rc#", ".beta.#", ".a", "a#", "-rc#", ".0", ".alpha#.#"],
  revisions: ["", "", ".0", ".0.0"],
  valid: /^\d[A-Za-z0-9.-]*$/,
};

export const mavenVersions: Grammar = {
  prefixes: ["", "", "", "", "v"],
  separators: [".", ".", ".", "-"],
  suffixes: [
    "-alpha-#",
    "-beta#",
    "-rc#",
    "-SNAPSHOT",
    ".Final",
    "-jre",
    ".RELEASE",
    "-M#",
    "-cr#",
    "-sp#",
    "a#",
    ".v#",
    "-ga",
    "-",
  ],
  revisions: ["", "", "", "-#", ".0", ".redhat-#"],
  valid: /^[A-Za-z0-9._-]+$/,
};

export const composerVersions: Grammar = {
  prefixes: ["", "", "v"],
  separators: ["."],
  suffixes: ["-RC#", "-alpha#", "-beta.#", "-dev", "-p#", "-patch#", "@beta", "+build#", "b#", "-stable"],
  revisions: ["", "", ".x-dev", "-rc"],
  valid: /^[\x21-\x7e]+$/,
};

export const npmVersions: Grammar = {
  prefixes: ["", "", "v", "="],
  separators: ["."],
  suffixes: ["-rc.#", "-alpha", "-beta.#.x", "-#", "-0.#.a", "+build.#", "-x-y.#"],
  revisions: [""],
  valid:
    /^[v=]?(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
};

/**
 * What apk-tools 2.10 orders as its own test vectors have it. It does not know commits (`~ab12`) yet; behind a component of zeros
 * (`1.0_rc1`) and behind a suffix without a number it loses its place, and it counts in 32 bits: see vectors.test.ts for those.
 */
export const apkVersions: Grammar = {
  prefixes: [""],
  separators: ["."],
  suffixes: ["_rc#", "_p#", "_alpha#", "_beta#", "_pre#", "_git#", "_cvs#", "_svn#", "_hg#", "_rc", "_p", "a", "b"],
  revisions: ["-r#", "-r#", ""],
  valid:
    /^(?!.*\d{10})\d+(?:\.[1-9]\d*)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d+)*(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p))?(?:-r\d+)?$/,
};

export const goVersions: Grammar = {
  prefixes: ["v"],
  separators: ["."],
  suffixes: [
    "-rc.#",
    "-alpha",
    "-beta.#",
    "-pre.0.20220101000000-abcdefabcdef",
    "-0.202301#02030405-0123456789ab",
    "-#",
  ],
  revisions: ["", "", "+incompatible"],
  valid:
    /^v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
};

export const goToolchains: Grammar = {
  prefixes: ["go1."],
  separators: ["."],
  suffixes: ["rc#", "beta#", "-custom"],
  revisions: [""],
  valid: /^go1\.(?:0|[1-9]\d*)(?:(?:\.|rc|beta)(?:0|[1-9]\d*))?(?:-[a-z]+)?$/,
};
