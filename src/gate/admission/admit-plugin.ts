// An engine plugin runs as root: it is judged like an image, pulled by the digest that was judged, and taken away again when the engine
// has another one. Older engines end with a panic when they are asked for a digest: there no plugin is installed that has to be signed.
// Source: Engine API reference, PluginPull, PluginUpgrade, PluginInspect (`PluginReference`).

import { errorText } from "../../base/errors.ts";
import { fieldAt, textAt } from "../../base/reading.ts";
import {
  formatReference,
  type ImageReference,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from "../../base/reference.ts";
import type { PinnedCall, ResponsePlan } from "../call.ts";
import { queryText } from "../references/pin-images.ts";
import { pullsPluginsByDigest } from "../references/plugin-digest.ts";
import { Refusal } from "../refusal.ts";
import type { Admission, TrustAsking } from "./admit-trust.ts";
import { callerCredentials } from "./caller-credentials.ts";
import { localVerdict } from "./make-images.ts";
import { type TrustGate, warnOnly } from "./trust-gate.ts";

/** Install and upgrade. @throws Refusal before an engine that cannot be asked for what was judged */
export async function admitPlugin(asking: TrustAsking): Promise<Admission> {
  const { pinned, gate, generation, exchange, trust, trail } = asking;
  const reference = withDefaultTag(parseReference(queryText(pinned.call, "remote")));
  const repository = repositoryOf(reference);
  const demand = generation.desk.demands(repository);
  if (demand === "off") return { verdicts: [] };
  if (demand === "enforce" && !pullsPluginsByDigest(gate.engine()))
    throw refuseEngine(reference, gate.engine().version);
  const judge = () => generation.desk.judgePlugin(reference, callerCredentials(pinned.call));
  if (demand === "warn") return await warnOnly(reference, generation, judge);
  const verdict = await judge();
  const isAsItCame = exchange.profile.transport === "authz-plugin" && reference.digest !== undefined;
  if (isAsItCame) return { verdicts: [verdict] };
  const wanted = `${repository}@${verdict.subject.digest}`;
  const name = nameOf(pinned.call, reference);
  const remote = formatReference({ ...reference, digest: verdict.subject.digest });
  return {
    verdicts: [verdict],
    pinned: { ...pinned, call: { ...pinned.call, query: { ...pinned.call.query, remote: [remote] } } },
    finish: (plan) => comparing(plan, { name, wanted, trust }, (problem) => void trail.refused(problem)),
  };
}

/** A plugin that is here, by what the engine pulled it as; it is started by its id. */
export async function admitPluginHere({ pinned, generation, trust }: TrustAsking): Promise<Admission> {
  const found = await trust.engine.get(placeOf(pinned.resource.name));
  if (found === undefined) return { verdicts: [] }; // the engine says that it is not there
  const text = textAt(found, "PluginReference");
  const byId = withId(pinned, textAt(found, "Id"));
  if (text === "") return { verdicts: [localVerdict({ generation })], pinned: byId };
  const reference = parseReference(text);
  const repository = repositoryOf(reference);
  if (generation.desk.demands(repository) === "off") return { verdicts: [] };
  if (reference.digest !== undefined) return { verdicts: [await generation.desk.judgePlugin(reference)], pinned: byId };
  const subject = { digest: "", mediaType: "", size: 0, repository, tag: reference.tag ?? "" };
  const reason = `${text} was pulled by its tag, so that nobody can say who signed what is installed`;
  const remedy = "remove the plugin and install it again";
  return { verdicts: [{ ...generation.desk.judgeUnsigned(subject), state: "untrusted", reason, remedy }] };
}

function withId(pinned: PinnedCall, id: string): PinnedCall {
  return { ...pinned, call: { ...pinned.call, params: { ...pinned.call.params, name: id } } };
}

/** As the engine will call it: its own name, else what it was pulled as. */
function nameOf({ route, params, query }: PinnedCall["call"], reference: ImageReference): string {
  if (route.action === "plugin.upgrade") return params["name"] ?? "";
  const [own = ""] = query["name"] ?? [];
  return own === "" ? `${repositoryOf(reference)}:${reference.tag ?? "latest"}` : own;
}

type Arrival = { readonly name: string; readonly wanted: string; readonly trust: TrustGate };

/** The engine's progress, and at its end what the engine then has. */
function comparing(plan: ResponsePlan, arrival: Arrival, onProblem: (refusal: Refusal) => void): ResponsePlan {
  let hasFailed = false;
  return {
    kind: "records",
    change(value) {
      if (fieldAt(value, "error") !== undefined || fieldAt(value, "errorDetail") !== undefined) hasFailed = true;
      return plan.kind === "records" ? plan.change(value) : value;
    },
    async last() {
      if (hasFailed) return [];
      const problem = await differenceOf(arrival).catch((thrown: unknown) => errorText(thrown));
      if (problem === "") return [];
      const refusal = refuseDifferent(arrival, problem);
      onProblem(refusal);
      const message = `plimsoll: ${refusal.message}. ${refusal.hint}.`;
      return [{ errorDetail: { message }, error: message }];
    },
  };
}

/** @returns what is wrong with it; "" when it is what was judged. What is wrong does not stay */
async function differenceOf({ name, wanted, trust }: Arrival): Promise<string> {
  const found = await trust.engine.get(placeOf(name));
  const has = textAt(found, "PluginReference");
  if (has === wanted) return "";
  if (found !== undefined)
    await trust.engine.delete(`${placeOf(textAt(found, "Id")).slice(0, -"/json".length)}?force=1`);
  return `expected ${wanted}, the engine has ${has || "nothing"}`;
}

function placeOf(name: string): string {
  return `/plugins/${name.split("/").map(encodeURIComponent).join("/")}/json`;
}

function refuseDifferent({ name }: Arrival, problem: string): Refusal {
  return new Refusal({
    code: "DIGEST_MISMATCH",
    status: 403,
    rule: "trust/compared",
    reason: `plugin ${name}: what the engine pulled could not be taken in: ${problem}`,
    hint: "install it again",
  });
}

function refuseEngine(reference: ImageReference, version: string): Refusal {
  return new Refusal({
    code: "ACCESS_DENIED",
    status: 403,
    rule: "trust/plugin",
    reason: `${formatReference(reference)}: an engine of version ${version} pulls plugins only by a tag that may move, and ends when it is asked for the digest that was signed`,
    hint: "use Docker 26 or later, set mode: off for this repository in the trust file, or ask for the grant image.unsigned",
  });
}
