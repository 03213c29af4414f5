// An engine plugin runs as root, and cannot be had as what was judged: the API takes digests, and engines of the 20.10 line end
// with a panic when they get one. What is pulled by tag may be another plugin than the one that was judged.
// Source: moby/moby v20.10.24, plugin/fetch_linux.go, withFetchProgress (`ref.(reference.Tagged)`).

import { formatReference, parseReference, withDefaultTag } from "../../base/reference.ts";
import { queryText } from "../references/pin-images.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";

/** @throws Refusal unless the trust file asks nothing of plugins from there */
export async function admitPlugin({ pinned, generation }: TrustAsking): Promise<Admission> {
  const reference = withDefaultTag(parseReference(queryText(pinned.call, "remote")));
  const { domain, path } = reference;
  if (generation.desk.demands(`${domain}/${path}`) === "off") return { verdicts: [] };
  throw new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/plugin",
    reason: `${formatReference(reference)}: engine plugins are pulled by a tag that may move, so that nobody can say who signed what is installed`,
    hint: "set mode: off for this repository in the trust file, or ask for the grant image.unsigned",
  });
}
