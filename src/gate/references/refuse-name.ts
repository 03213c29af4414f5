// Refusals about names: what is no name at all, and what is not there. The sentences are the engine's own, because clients
// act on them (a missing image makes the CLI pull).

import { Refusal } from "../refusal.ts";

export function refuseName(name: string): Refusal {
  return new Refusal({
    code: "MALFORMED_INPUT",
    status: 400,
    rule: "request/image-name",
    reason: `invalid reference format: ${JSON.stringify(name.slice(0, 300))} is not the name of an image`,
    hint: "write it as [host[:port]/]path[:tag] in lower case",
  });
}

export function refuseMissing(status: number, sentence: string): Refusal {
  return new Refusal({
    code: "NOT_FOUND",
    status,
    rule: "request/not-found",
    reason: sentence,
    hint: "check the name",
  });
}
