// `plimsoll scan SUBJECT`: what is in an image, what is wrong with it, and whether policy would let it run.

import type { Command } from "../command.ts";
import { formatNames, outputOption, severityChoices, sourceOptions } from "../scan/scan-options.ts";

export const scan: Command = {
  name: "scan",
  summary: "say what is in an image, what is wrong with it, and whether policy would let it run",
  description: [
    "SUBJECT is an image of the engine or a registry, an archive of docker save, an OCI layout or archive, a directory, a container, or an SBOM (CycloneDX or SPDX, made by anyone).",
    "Nothing is sent anywhere: what is known of weaknesses comes from the advisory database (plimsoll advisories update), and every report says how old it is.",
    "Exits with 0 when the image is clean by these terms; with 1 when policy denies it or a finding is at or above --fail-on; with 2 for a wrong command line; with 3 when the image could not be read; with 130 when interrupted.",
  ],
  arguments: [{ name: "SUBJECT" }],
  options: {
    format: {
      kind: "value",
      short: "f",
      value: "FORMAT",
      summary: "table (default), or another",
      choices: formatNames,
    },
    output: outputOption,
    "fail-on": {
      kind: "value",
      value: "SEVERITY",
      summary: "exit with 1 for findings from here up",
      choices: severityChoices,
    },
    "only-fixed": { kind: "flag", summary: "leave out vulnerabilities that no newer version ends" },
    layers: { kind: "flag", summary: "show which layer and which line of the Dockerfile brought each finding in" },
    "ignore-file": {
      kind: "value",
      value: "FILE",
      summary: "rules for findings that are accepted (default: .plimsoll-ignore.yaml, where there is one)",
      isList: true,
    },
    vex: {
      kind: "value",
      value: "FILE",
      summary: "statements of others on what is not affected (OpenVEX, CSAF, CycloneDX)",
      isList: true,
    },
    policies: {
      kind: "value",
      value: "SET",
      summary: "ask these policy sets (default baseline), or none",
      isList: true,
    },
    "no-secrets": { kind: "flag", summary: "do not look for secrets" },
    "no-malware": { kind: "flag", summary: "do not look for malware" },
    "no-configuration": { kind: "flag", summary: "do not look at how the image is put together" },
    rules: { kind: "value", value: "FILE", summary: "own rules: YARA, secrets, hash lists", isList: true },
    database: { kind: "value", value: "FILE", summary: "use this advisory database" },
    ...sourceOptions,
  },
  examples: [
    { line: "plimsoll scan nginx:1.27", does: "one screen, then the table" },
    { line: "plimsoll scan app.tar --fail-on high --only-fixed", does: "fail a build for what can be mended" },
    { line: "plimsoll scan app.tar -o report.html", does: "a page to read and to send" },
    { line: "plimsoll scan app.cdx.json", does: "judge somebody's SBOM by today's advisories" },
  ],
  // Everything that scans is loaded only by who scans.
  run: async (...asked) => (await import("../scan/run-scan.ts")).runScan(...asked),
};
