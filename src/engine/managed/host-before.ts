// What the host looked like before the managed engine first started, in a file: the clean stop puts it back,
// also when another plimsoll process than the one that started the engine stops it.

import { readFileSync } from "node:fs";
import { fieldAt, isTrueAt, textAt } from "../../base/reading.ts";
import type { EngineNetwork } from "./network.ts";
import { run } from "./run.ts";

export type HostBefore = {
  readonly network: EngineNetwork;
  /** Policy of the chain FORWARD, `ACCEPT`; dockerd sets it to DROP and leaves it so. */
  readonly forwardPolicy: string;
  readonly ipForward: string;
  /** Docker's chains were there already: another engine's, not ours to remove. */
  readonly hadDockerChains: boolean;
};

export async function readHost(network: EngineNetwork): Promise<HostBefore> {
  const forward = await run("iptables", ["--wait", "10", "-S", "FORWARD"]);
  const chains = await run("iptables", ["--wait", "10", "-n", "-L", "DOCKER"]);
  return {
    network,
    forwardPolicy: /^-P FORWARD (\w+)$/m.exec(forward.output)?.[1] ?? "ACCEPT",
    ipForward: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim(),
    hadDockerChains: chains.ok,
  };
}

/** @returns undefined when the file is missing or not ours: then the host is looked at anew */
export function parseHostBefore(text: string | undefined): HostBefore | undefined {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  const network = parseNetwork(fieldAt(value, "network"));
  if (network === undefined) return undefined;
  return {
    network,
    forwardPolicy: textAt(value, "forwardPolicy") === "DROP" ? "DROP" : "ACCEPT",
    ipForward: textAt(value, "ipForward") === "0" ? "0" : "1",
    hadDockerChains: fieldAt(value, "hadDockerChains") !== false,
  };
}

function parseNetwork(value: unknown): EngineNetwork | undefined {
  const kind = textAt(value, "kind");
  if (kind === "none") return { kind };
  const [bridge, address, range, pool] = ["bridge", "address", "range", "pool"].map((key) => textAt(value, key));
  if (!bridge || !address || !range || !pool || (kind !== "own" && kind !== "beside")) return undefined;
  return { kind, bridge, address, range, pool, isolatesBridge: isTrueAt(value, "isolatesBridge") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
