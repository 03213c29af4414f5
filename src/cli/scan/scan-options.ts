// What `scan` and `sbom` ask alike: where the image is, what is looked for in it, and what is known.

import { severities } from "../../base/severity.ts";
import type { CommandOption } from "../command.ts";
import { configOption, engineOption } from "../configuration/options.ts";

export const sourceOptions: Readonly<Record<string, CommandOption>> = {
  platform: { kind: "value", value: "OS/ARCH", summary: "which image of several, linux/arm64 or linux/arm/v7" },
  "insecure-registry": {
    kind: "value",
    value: "HOST",
    summary: "speak to this registry (host:port) without TLS",
    isList: true,
  },
  engine: engineOption,
  config: configOption,
  "no-cache": { kind: "flag", summary: "read every layer again, and keep nothing" },
  quiet: { kind: "flag", short: "q", summary: "no progress line" },
};

export const outputOption: CommandOption = {
  kind: "value",
  short: "o",
  value: "FILE",
  summary: "write the report here instead of standard output",
};

/** All formats, the usual one first; a test holds the list to the plugins, which nobody but a scan has to load. */
export const formatNames: readonly string[] = [
  "table",
  "cyclonedx",
  "gitlab",
  "html",
  "json",
  "junit",
  "openvex",
  "sarif",
  "spdx",
];

export const severityChoices: readonly string[] = severities;
