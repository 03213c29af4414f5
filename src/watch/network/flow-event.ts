// A conversation as an event that rules judge: everything that is known of it, as details by the names that rules use.

import type { KernelEvent } from "../../model/watch.ts";
import type { TrackedFlow } from "./flow-tracker.ts";

export type FlowFacts = {
  readonly flow: TrackedFlow;
  readonly process: Pick<KernelEvent["process"], "pid" | "threadId" | "startedAt" | "name">;
  readonly name: KnownName | undefined;
  readonly peerContainer: string;
  readonly isResolver: boolean;
  readonly namesBelow: number;
};

/** `from`: whom the container is to ask, somebody else, or not known whom. */
export type KnownName = { readonly name: string; readonly from: "resolver" | "elsewhere" | "unknown" };

type Details = KernelEvent["details"];

export function toFlowEvent(kind: "flow" | "flow-ended", facts: FlowFacts): KernelEvent {
  const { flow, process, name } = facts;
  const { last, isOutgoing, startedMs } = flow;
  return {
    ...{ kind, time: last.time, cgroupId: last.cgroupId, verdict: "seen", protection: undefined },
    process: { ...process, parentPid: 0, containerPid: 0, uid: 0, mountNamespace: 0 },
    ...{ path: "", origin: undefined, argv: [], isCut: false, targetPid: 0, targetCgroupId: 0 },
    address: last.peerAddress,
    port: isOutgoing ? last.peerPort : last.localPort,
    details: {
      ...{ direction: isOutgoing ? "out" : "in", transport: last.protocol, localAddress: last.localAddress },
      ...{ bytesOut: last.bytesOut, bytesIn: last.bytesIn, packetsOut: last.packetsOut, packetsIn: last.packetsIn },
      seconds: Math.round((last.time - startedMs) / 1000),
      ...(name === undefined ? {} : { name: name.name, nameFrom: name.from }),
      ...(facts.peerContainer === "" ? {} : { peerContainer: facts.peerContainer }),
      ...ofRequest(flow),
      ...ofTls(flow),
      ...ofNames(facts),
      ...(flow.said.signs.length === 0 ? {} : { signs: flow.said.signs.join(" ") }),
    },
  };
}

function ofRequest({ said: { http } }: TrackedFlow): Details {
  if (http === undefined) return {};
  const { method, host, path, userAgent } = http;
  return { "http.method": method, "http.host": host, "http.path": path, "http.userAgent": userAgent };
}

function ofTls({ said: { tls } }: TrackedFlow): Details {
  if (tls === undefined) return {};
  const { certificate } = tls;
  return {
    "tls.serverName": tls.serverName,
    "tls.protocols": tls.protocols.join(" "),
    ...(certificate === undefined
      ? {}
      : {
          ...{ "tls.subject": certificate.subject, "tls.issuer": certificate.issuer },
          ...{ "tls.notAfter": certificate.notAfter, "tls.fingerprint": certificate.fingerprint },
          "tls.isSelfSigned": certificate.isSelfSigned ? 1 : 0,
        }),
  };
}

function ofNames({ flow, isResolver, namesBelow }: FlowFacts): Details {
  const { dns } = flow.said;
  if (dns === undefined) return {};
  return {
    ...{ "dns.name": dns.name, "dns.type": dns.type, "dns.addresses": dns.addresses.join(" ") },
    ...{ "dns.isAnswer": dns.isAnswer ? 1 : 0, "dns.isResolver": isResolver ? 1 : 0 },
    ...{ "dns.namesBelow": namesBelow, "dns.entropy": entropy(dns.name) },
  };
}

/** In hundredths of a bit for each character of what stands before the domain. Words have some 350, random digits 400 and more. */
function entropy(name: string): number {
  const text = name.split(".").slice(0, -2).join("");
  if (text === "") return 0;
  const counts = new Map<string, number>();
  for (const each of text) counts.set(each, (counts.get(each) ?? 0) + 1);
  const bits = [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
  return Math.round(bits * 100);
}
