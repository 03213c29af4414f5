// `plimsoll sign IMAGE`: your signature on what a name stands for, beside the image in its registry.

import type { Command } from "../command.ts";
import { signingOptions } from "../trust/options.ts";

export const sign: Command = {
  name: "sign",
  summary: "sign an image in its registry, so that others and this host's gate believe it",
  description: [
    "The name is resolved once; what is signed is the digest, and the repository with it. Without --format the image is signed for old and new readers: as classic cosign signature and as sigstore bundle.",
    "--tag-record signs besides that this tag is this digest now, with a counter and an end: with it a tag that is set back to an older image is noticed. Co-signers give the same --counter and --expires, as the first one printed them.",
  ],
  arguments: [{ name: "IMAGE" }],
  options: {
    format: {
      kind: "value",
      short: "f",
      value: "FORMAT",
      summary: "how the signature is written",
      isList: true,
      choices: ["cosign", "sigstore-bundle", "notation", "notation-cose"],
    },
    recursive: { kind: "flag", summary: "sign each image of an index as well (podman and skopeo ask for that)" },
    "tag-record": { kind: "flag", summary: "sign as well that the tag is this digest now" },
    counter: { kind: "value", value: "NUMBER", summary: "of the tag record (default: seconds since 1970)" },
    expires: { kind: "value", value: "DATE", summary: "end of the tag record (default: in 90 days)" },
    ...signingOptions,
  },
  examples: [
    { line: "plimsoll sign registry.example/team/app:1.4", does: "with the key of plimsoll keys use" },
    { line: "plimsoll sign registry.example/team/app:1.4 --tag-record", does: "and nobody sets the tag back" },
    { line: "plimsoll sign registry.example/team/app:1.4 -f notation --certificate chain.pem", does: "for notation" },
  ],
  // What signs is loaded only by who signs.
  run: async (...asked) => (await import("../trust/run-sign.ts")).runSign(...asked),
};
