// How closely the watch looks at a new container is decided with everything else about it, and the kernel knows it before
// the caller hears that the container is there: nobody can start it earlier.

import { textAt, textMapAt } from "../../base/reading.ts";
import { requestId } from "../../base/request-id.ts";
import type { AuditOutcome } from "../../model/audit.ts";
import type { Facts, WatchFacts } from "../../model/facts.ts";
import type { JsonValue } from "../../model/json.ts";
import { protections, type WatchedContainer } from "../../model/watch.ts";
import type { AskedFor, ProtectedContainer } from "../../model/watch-store.ts";
import type { ChosenProtection } from "../../policy/watch-levels.ts";
import { withWarnings } from "../answers/warnings.ts";
import type { PinnedCall, ResponsePlan } from "../call.ts";
import { isRefused } from "../failure.ts";
import type { Asking, JudgedCall } from "../judge-call.ts";
import { Refusal } from "../refusal.ts";
import { protectionFor } from "./protection-for.ts";
import type { WatchGate } from "./watch-gate.ts";

const outcome: AuditOutcome = { status: 0, bytesIn: 0, bytesOut: 0, durationMs: 0, end: "complete" };

/** @throws Refusal 503 where nobody watches and somebody has to */
export function watchCreated(asking: Asking, judged: JudgedCall): JudgedCall {
  const { watch } = asking.gate;
  const { pinned } = judged;
  if (watch === undefined || pinned.call.route.action !== "container.create") return judged;
  if (isRefused(judged.decision, asking.exchange)) return judged;
  const why = watch.whyNot();
  if (why !== "" && watch.isRequired) throw unwatched(why);
  const facts = watchFacts(asking, judged);
  const { principal, policies } = asking;
  const name = pinned.call.query["name"]?.[0] ?? "";
  const asked: AskedFor = { principal, name, facts, ...demandsOf(pinned), runtime: runtimeOf(pinned) };
  const { chosen, told } = protectionFor(policies, asked, watch.protectedPaths);
  const protect = async (id: string): Promise<void> => {
    await tellWatch(watch, { container: containerOf(id, pinned, asking), protection: chosen.protection, asked });
    await record(asking, { id, name, facts, chosen, told });
  };
  return { ...judged, finish: (plan) => whenMade(judged.finish?.(plan) ?? plan, protect, told) };
}

function watchFacts({ exchange, gate }: Asking, { pinned, question }: JudgedCall): AskedFacts {
  const { context } = question;
  const { imageId } = pinned.known;
  const image = pinned.references.find(({ role }) => role === "image")?.name ?? textFact(context, "image");
  const listener = exchange.profile.name;
  const found = gate.images?.factsNow({ listener, image, imageId });
  return {
    ...{ listener, image, imageId, labels: labelsOf(pinned) },
    privileged: context["privileged"] === true,
    capAdd: listFact(context, "capAdd"),
    hostBindsWritable: listFact(context, "hostBindsWritable"),
    pidMode: textFact(context, "pidMode"),
    networkMode: textFact(context, "networkMode"),
    runsAsRoot: context["runsAsRoot"] === true,
    scanned: found?.scanned ?? false,
    ...{ critical: found?.critical ?? 0, high: found?.high ?? 0, malware: found?.malware ?? 0 },
    knownExploited: found?.knownExploited ?? 0,
    trust: found?.trust ?? "unknown",
    signers: found?.signers ?? [],
  };
}

function demandsOf({ known }: PinnedCall): Pick<AskedFor, "demands"> {
  const demands = known.hardened?.watch;
  return demands === undefined ? {} : { demands: { ...demands, levels: [...demands.levels] } };
}

function runtimeOf({ call }: PinnedCall): string {
  return call.body.kind === "json" ? textAt(call.body.value, "HostConfig", "Runtime") : "";
}

type AskedFacts = Omit<WatchFacts, "protection" | "level">;

/** Cedar sets have at most 1024 members; more labels than that no policy can look at. */
const mostLabels = 512;

function labelsOf({ call }: PinnedCall): readonly string[] {
  const labels = call.body.kind === "json" ? textMapAt(call.body.value, "Labels") : {};
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`.slice(0, 100));
  return [...new Set(pairs)].sort().slice(0, mostLabels);
}

function textFact(facts: Facts, name: string): string {
  const value = facts[name];
  return typeof value === "string" ? value : "";
}

function listFact(facts: Facts, name: string): readonly string[] {
  const value = facts[name];
  return typeof value === "object" ? value : [];
}

function containerOf(
  id: string,
  { call, known, references }: PinnedCall,
  { gate, principal }: Asking,
): WatchedContainer {
  const labels = call.body.kind === "json" ? textMapAt(call.body.value, "Labels") : {};
  return {
    id,
    // Where the caller names it not, the engine finds a name: the watch asks for it.
    name: (call.query["name"]?.[0] ?? "").replace(/^\//, ""),
    engine: gate.engine().kind,
    image: references.find(({ role }) => role === "image")?.name ?? "",
    imageId: known.imageId,
    owner: principal.owner,
    labels,
  };
}

/** The engine's answer is read whole before the caller sees any of it. */
function whenMade(plan: ResponsePlan, protect: (id: string) => Promise<void>, told: readonly string[]): ResponsePlan {
  if (plan.kind !== "pass" && plan.kind !== "json") return plan;
  const change = plan.kind === "json" ? plan.change : (value: JsonValue) => value;
  return {
    kind: "json",
    async change(value) {
      const id = textAt(value, "Id");
      if (id !== "") await protect(id);
      const answer = await change(value);
      return told.length === 0 ? answer : withWarnings(answer, told);
    },
  };
}

/** Where nobody has to watch, a container may also be made while nobody does: the watch learns of it when it is back. */
async function tellWatch(watch: WatchGate, entry: ProtectedContainer): Promise<void> {
  try {
    await watch.protect(entry);
  } catch (thrown) {
    if (watch.isRequired) throw thrown;
  }
}

type Made = {
  readonly id: string;
  readonly name: string;
  readonly facts: AskedFacts;
  readonly chosen: ChosenProtection;
  readonly told: readonly string[];
};

/** A record of its own: which protections this container got, and by which rules. */
async function record({ gate, trail, policies }: Asking, { id, name, facts, chosen, told }: Made): Promise<void> {
  const { levels } = chosen.protection;
  const summary = protections.map((protection) => `${protection}=${levels[protection]}`);
  const rules = policies.rules.filter((rule) => chosen.rules.includes(rule.id));
  await gate.audit.close(
    {
      ...trail.opening(),
      id: requestId(gate.nowMs()),
      method: "",
      path: `/containers/${id}`,
      action: "container.watch",
      resource: { type: "Container", id, name, owner: trail.opening().caller.owner, isShared: false },
      facts: { ...facts, protection: "", level: "", levels: summary },
      verdict: "allow",
      wouldDeny: false,
      rules: rules.map((rule) => ({ id: rule.id, kind: "policy", file: rule.file, line: rule.line })),
      reason: [summary.join(" "), ...told].join("; "),
    },
    outcome,
  );
}

function unwatched(why: string): Refusal {
  return new Refusal({
    code: "WATCH_UNAVAILABLE",
    status: 503,
    rule: "request/unwatched",
    reason: `nobody watches containers: ${why}`,
    hint: "run plimsoll watch tiers to see what is missing, or set watch.required: false",
  });
}
