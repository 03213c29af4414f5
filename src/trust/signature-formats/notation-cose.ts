// Writes notation's other envelope, COSE. Signatures of both kinds are found and read by notation.ts.

import { coseType } from "../notation/cose.ts";
import { writeNotation } from "../notation/write.ts";
import type { SignatureFormat } from "../signature-format.ts";
import { notation } from "./notation.ts";

export const notationCose: SignatureFormat = {
  name: "notation-cose",
  summary: "the same as notation, written in COSE instead of JWS",
  needs: {},
  find: async () => ({ envelopes: [], rejected: [], missing: "" }),
  verify: notation.verify,
  write: (statement, signer, store) => writeNotation(coseType, statement, signer, store),
};
