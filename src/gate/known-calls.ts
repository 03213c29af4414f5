// Clients ask the same simple questions again and again (_ping, lists, version): what such a request means, and what was
// decided on it, is remembered for one caller, one generation of policies and one exact request head. Only calls that
// name nothing and look nothing up, so that nothing but these can change the answer.

import type { EngineDescription } from "../engine/engine.ts";
import { createMemory, type Memory } from "../policy/memory.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import type { ListenerProfile, PinnedCall, RequestHead } from "./call.ts";
import type { Asking, JudgedCall } from "./judge-call.ts";
import { toEngineRequest } from "./normalize/to-engine-request.ts";
import { numberCallers } from "./number-callers.ts";

export interface KnownCalls {
  find(asking: Asking): JudgedCall | undefined;
  /** Remembers the call if it may be remembered. @returns the call */
  keep(asking: Asking, judged: JudgedCall): JudgedCall;
}

type Known = {
  readonly judged: JudgedCall;
  /** The listener and the engine that it was judged for. */
  readonly profile: ListenerProfile;
  readonly engine: EngineDescription;
};

/** For each generation of policies. */
const maxCalls = 256;
const maxHeadLength = 2048;

export function createKnownCalls(): KnownCalls {
  const generations = new WeakMap<PolicyEngine, Memory<Known>>();
  const numberOf = numberCallers();
  const keyOf = ({ principal, exchange }: Asking): string => `${numberOf(principal)}\n${headText(exchange.head)}`;
  return {
    find(asking) {
      if (!mayBeSimple(asking.exchange.head)) return undefined;
      const known = generations.get(asking.policies)?.get(keyOf(asking));
      const isSame = known?.profile === asking.exchange.profile && known.engine === asking.gate.engine();
      return isSame ? known.judged : undefined;
    },
    keep(asking, judged) {
      const { policies, exchange, gate } = asking;
      if (!isSimple(judged.pinned, exchange.profile, exchange.head)) return judged;
      const key = keyOf(asking);
      if (key.length > maxHeadLength) return judged;
      const memory = generations.get(policies) ?? createMemory<Known>(maxCalls);
      generations.set(policies, memory);
      const request = { ...toEngineRequest(judged.pinned.call), sameHead: {} };
      const known = { ...judged, written: { of: judged.pinned, request } };
      memory.set(key, { judged: known, profile: exchange.profile, engine: gate.engine() });
      return known;
    },
  };
}

/** Every character that the parser handed over; none of them is a line end. */
export function headText({ method, target, httpVersion, rawHeaders }: RequestHead): string {
  return `${method} ${target} ${httpVersion}\n${rawHeaders.join("\n")}`;
}

function mayBeSimple({ method }: RequestHead): boolean {
  return method === "GET" || method === "HEAD";
}

/** Reads, names nothing, has no body and no parameter but numbers and yes or no. */
function isSimple({ call, resource, references }: PinnedCall, profile: ListenerProfile, head: RequestHead): boolean {
  const { route, query } = call;
  return (
    mayBeSimple(head) &&
    profile.transport !== "authz-plugin" && // the engine may hide a body there
    route.resourceParam === undefined &&
    Object.keys(call.params).length === 0 &&
    Object.keys(query).every((key) => route.query[key] === "boolean" || route.query[key] === "integer") &&
    call.body.kind === "none" &&
    route.response.kind !== "hijack" &&
    resource.id === "" &&
    references.length === 0 &&
    !head.rawHeaders.some(announcesBody)
  );
}

function announcesBody(word: string): boolean {
  return /^(?:content-length|transfer-encoding|expect|upgrade)$/i.test(word);
}
