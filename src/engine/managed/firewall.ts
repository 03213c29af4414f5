// The rules of the managed engine's networks when another engine owns the usual chains: one chain of our own, PLIMSOLL.
// They give what dockerd would: out by NAT, in only through published ports (dockerd's proxy serves these), and no way
// from one network to another. Source: iptables-extensions(8), "physdev", "conntrack".

import type { EngineNetwork } from "./network.ts";
import { mustRun, run } from "./run.ts";

const chain = "PLIMSOLL";

type Rule = { readonly table: "filter" | "nat"; readonly chain: string; readonly match: readonly string[] };

/** The network's rules, first match wins. */
export function firewallRules(network: EngineNetwork): readonly Rule[] {
  if (network.kind !== "beside") return [];
  const { range, bridge } = network;
  const filter = (...match: readonly string[]): Rule => ({ table: "filter", chain, match });
  return [
    ...(network.isolatesBridge ? [filter("-i", bridge, "-o", bridge, "-j", "DROP")] : []),
    filter("-s", range, "-d", range, "-m", "physdev", "--physdev-is-bridged", "-j", "ACCEPT"),
    filter("-s", range, "-d", range, "-j", "DROP"),
    filter("-s", range, "-j", "ACCEPT"),
    filter("-d", range, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"),
    filter("-d", range, "-j", "DROP"),
    { table: "nat", chain: "POSTROUTING", match: ["-s", range, "!", "-d", range, "-j", "MASQUERADE"] },
  ];
}

export async function raiseFirewall(network: EngineNetwork): Promise<void> {
  await lowerFirewall(network);
  const rules = firewallRules(network);
  if (rules.length === 0) return;
  await mustRun("iptables", ["--wait", "10", "-N", chain]);
  for (const rule of rules)
    await mustRun("iptables", ["--wait", "10", "-t", rule.table, "-A", rule.chain, ...rule.match]);
  await mustRun("iptables", ["--wait", "10", "-I", "FORWARD", "1", "-j", chain]);
  // Routing may have been off before; the engine switches it on only with its own rules.
  await mustRun("sysctl", ["-q", "-w", "net.ipv4.ip_forward=1"]);
}

/** Rules that are not there are no mistake. */
export async function lowerFirewall(network: EngineNetwork): Promise<void> {
  for (const rule of firewallRules(network).filter(({ table }) => table === "nat")) {
    await run("iptables", ["--wait", "10", "-t", rule.table, "-D", rule.chain, ...rule.match]);
  }
  await run("iptables", ["--wait", "10", "-D", "FORWARD", "-j", chain]);
  await run("iptables", ["--wait", "10", "-F", chain]);
  await run("iptables", ["--wait", "10", "-X", chain]);
}
