// `plimsoll trust export IMAGE`: the signatures of an image, to be carried with it to where no registry answers.

import { carriedFile } from "../../admission/trust/carried.ts";
import type { LeafCommand } from "../command.ts";
import { registryOptions } from "./options.ts";

export const trustExport: LeafCommand = {
  name: "export",
  summary: "write an image's signatures into a file that travels in its archive",
  description: [
    `The file belongs into the archive of docker save under the name ${carriedFile}. A gate that is asked to load the archive judges the image by it, without a registry, and lets it have the names that it is signed for.`,
  ],
  arguments: [{ name: "IMAGE", isRepeated: true }],
  options: {
    output: { kind: "value", short: "o", value: "FILE", summary: `write it there (default: ${carriedFile})` },
    platform: { kind: "value", value: "OS/ARCH", summary: "which image of several, linux/arm64 or linux/arm/v7" },
    ...registryOptions,
  },
  examples: [
    { line: "plimsoll trust export registry.example/team/app:1.4", does: `its signatures, in ${carriedFile}` },
    { line: `tar --append --file app.tar ${carriedFile}`, does: "after docker save --output app.tar" },
  ],
  run: async (...asked) => (await import("./run-export.ts")).runExport(...asked),
};
