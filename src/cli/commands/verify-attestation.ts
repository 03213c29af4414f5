// `plimsoll verify-attestation IMAGE`: what somebody who may say so says about an image.

import type { Command } from "../command.ts";
import { judgingOptions } from "../trust/options.ts";
import { predicateTypeHelp } from "../trust/predicate-types.ts";

export const verifyAttestation: Command = {
  name: "verify-attestation",
  summary: "print what is attested about an image by those whom the trust file believes",
  description: [
    "Prints the statements of one type, one JSON document a line. Exits with 1 when there is none by a signer who counts for this image, with 3 when that cannot be told.",
  ],
  arguments: [{ name: "IMAGE" }],
  options: {
    type: { kind: "value", short: "t", value: "TYPE", summary: predicateTypeHelp },
    ...judgingOptions,
  },
  examples: [{ line: "plimsoll verify-attestation registry.example/app:1 --type cyclonedx", does: "its contents" }],
  run: async (...asked) => (await import("../trust/run-attest.ts")).runVerifyAttestation(...asked),
};
