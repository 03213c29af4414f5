// The engine fetches the URL as root from where it stands: loopback, the host's network, cloud metadata.

import { factText, type Invariant } from "../invariant.ts";

export const remoteSource: Invariant = {
  name: "remote-source",
  summary: "imports, builds and ADD from a URL that the engine fetches",
  grants: ["image.remote-source"],
  applies: ({ action }) => action === "image.import" || action === "image.build" || action === "image.pull",
  check(question) {
    if (factText(question, "remote") === "") return undefined;
    return {
      reason: "the engine would fetch a URL that the caller names",
      remedy: "download it yourself and send the bytes, or fetch it in a RUN step",
    };
  },
};
