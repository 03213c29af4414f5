// `plimsoll sbom SUBJECT`: the list of what is in an image, in a standard form.

import type { Command } from "../command.ts";
import { outputOption, sourceOptions } from "../scan/scan-options.ts";

export const sbom: Command = {
  name: "sbom",
  summary: "list the packages of an image as CycloneDX or SPDX",
  description: ["SUBJECT is whatever plimsoll scan takes. No advisories are looked up, and no policy is asked."],
  arguments: [{ name: "SUBJECT" }],
  options: {
    format: {
      kind: "value",
      short: "f",
      value: "FORMAT",
      summary: "cyclonedx (default), spdx or json",
      choices: ["cyclonedx", "spdx", "json"],
    },
    output: outputOption,
    ...sourceOptions,
  },
  examples: [
    { line: "plimsoll sbom app.tar > app.cdx.json", does: "CycloneDX 1.6" },
    { line: "plimsoll sbom app.tar --format spdx -o app.spdx.json", does: "SPDX 2.3" },
  ],
  run: async (...asked) => (await import("../scan/run-sbom.ts")).runSbom(...asked),
};
