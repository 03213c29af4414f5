// An engine plugin runs as root: it is pulled by the digest that was judged, under the name that was asked for.
// Source: moby/moby, api/server/router/plugin/plugin_routes.go: `remote` may have a digest, `name` is what it will be called.

import { formatReference, parseReference, repositoryOf, withDefaultTag } from "../../base/reference.ts";
import { queryText } from "../references/pin-images.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { callerCredentials } from "./caller-credentials.ts";

export async function admitPlugin({ pinned, generation }: TrustAsking): Promise<Admission> {
  const { call } = pinned;
  const reference = withDefaultTag(parseReference(queryText(call, "remote")));
  const { subject, verdict } = await generation.desk.judgeTop(reference, callerCredentials(call));
  const name =
    queryText(call, "name") || formatReference({ ...reference, tag: reference.tag ?? "latest" }).split("@", 1)[0];
  const naming = call.route.action === "plugin.pull" ? { name: [name ?? ""] } : {};
  const query = { ...call.query, remote: [`${repositoryOf(reference)}@${subject.digest}`], ...naming };
  return { verdicts: [verdict], pinned: { ...pinned, call: { ...call, query } } };
}
