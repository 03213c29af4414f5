// `plimsoll attest IMAGE`: a signed statement about an image: where it comes from, what is in it, what a scan found.

import type { Command } from "../command.ts";
import { signingOptions } from "../trust/options.ts";
import { predicateTypeHelp } from "../trust/predicate-types.ts";

export const attest: Command = {
  name: "attest",
  summary: "sign a statement about an image: provenance, a bill of materials, a scan",
  description: [
    "The statement is an in-toto statement about the digest, in a sigstore bundle beside the image. It is no signature: who needs one asks for plimsoll sign.",
  ],
  arguments: [{ name: "IMAGE" }],
  options: {
    type: { kind: "value", short: "t", value: "TYPE", summary: predicateTypeHelp },
    predicate: { kind: "value", short: "p", value: "FILE", summary: "JSON of what is stated" },
    ...signingOptions,
  },
  examples: [
    { line: "plimsoll attest registry.example/app:1 --type cyclonedx --predicate app.cdx.json", does: "its contents" },
  ],
  run: async (...asked) => (await import("../trust/run-attest.ts")).runAttest(...asked),
};
