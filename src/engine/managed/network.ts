// The managed engine's networks: an own bridge and own address ranges, so that it can live beside another engine.
// Two engines in one network namespace share the names of their iptables chains, and each flushes them when it starts
// (moby libnetwork drivers/bridge/setup_ip_tables.go, removeIPChains): the second one must leave iptables alone.

import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isRunning, processesNamed, sharesNetworkWithUs } from "./process.ts";
import { mustRun, run } from "./run.ts";

export type EngineNetwork =
  | {
      /** `own`: the engine writes its iptables rules; `beside`: another engine does, so plimsoll writes them in a chain of its own. */
      readonly kind: "own" | "beside";
      readonly bridge: string;
      /** Address of the bridge, `172.30.0.1/24`. */
      readonly address: string;
      /** All addresses of the managed engine. */
      readonly range: string;
      /** The part of it for networks that clients make. */
      readonly pool: string;
      /** Containers on the default bridge do not reach one another. */
      readonly isolatesBridge: boolean;
    }
  | { readonly kind: "none" };

/** Ranges of RFC 1918 that hosts and virtual machines use seldom. */
const prefixes: readonly string[] = ["172.30", "172.29", "172.28", "172.27", "172.26", "10.230", "10.231", "10.232"];

/**
 * @param remembered the choice of an earlier start: networks that exist keep their addresses
 * @param say gets one sentence when the network is less than usual
 */
export async function chooseNetwork(
  remembered: EngineNetwork | undefined,
  say: (sentence: string) => void,
): Promise<EngineNetwork> {
  if (!(await hasIptables()) || !(await run("ip", ["-V"])).ok) {
    say("iptables or ip is missing or refused: containers have no network but the host's and their own loopback");
    return { kind: "none" };
  }
  const isBeside = await anotherEngineRules();
  if (isBeside) say("another engine rules this host's iptables: the managed engine's rules go to the chain PLIMSOLL");
  const kind = isBeside ? "beside" : "own";
  const isolatesBridge = existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables");
  if (remembered && remembered.kind !== "none") return { ...remembered, kind, isolatesBridge };
  const prefix = freePrefix();
  if (prefix === undefined) {
    say(`none of the address ranges ${prefixes.join(", ")} is free: containers have no network`);
    return { kind: "none" };
  }
  const addresses = { address: `${prefix}.0.1/24`, range: `${prefix}.0.0/16`, pool: `${prefix}.128.0/17` };
  return { kind, bridge: await freeBridge(), ...addresses, isolatesBridge };
}

/** dockerd makes only docker0 on its own; any other bridge has to be there before it starts. */
export async function makeBridge(network: EngineNetwork): Promise<void> {
  if (network.kind === "none") return;
  if (!(await run("ip", ["link", "show", "dev", network.bridge])).ok) {
    await mustRun("ip", ["link", "add", "name", network.bridge, "type", "bridge"]);
    await mustRun("ip", ["address", "add", network.address, "dev", network.bridge]);
  }
  await mustRun("ip", ["link", "set", "dev", network.bridge, "up"]);
}

async function hasIptables(): Promise<boolean> {
  return (await run("iptables", ["--wait", "10", "-n", "-L", "FORWARD"])).ok;
}

/** True when a dockerd that is not ours runs in this network namespace and its chains are there. */
async function anotherEngineRules(): Promise<boolean> {
  const others = processesNamed("dockerd").filter((pid) => isRunning(pid) && sharesNetworkWithUs(pid));
  if (others.length === 0) return false;
  return (await run("iptables", ["--wait", "10", "-n", "-L", "DOCKER"])).ok;
}

async function freeBridge(): Promise<string> {
  for (let number = 0; number < 100; number++) {
    const name = `plimsoll${number}`;
    if (!(await run("ip", ["link", "show", "dev", name])).ok) return name;
  }
  return "plimsoll100";
}

/** A range in which no interface has an address and to which no route leads. */
function freePrefix(): string | undefined {
  const used = [...interfaceAddresses(), ...routeTargets()];
  return prefixes.find((prefix) => !used.some((address) => address.startsWith(`${prefix}.`)));
}

function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
}

/** Targets in /proc/net/route are 32 bits in hexadecimal, in the host's byte order: the first byte stands last. */
function routeTargets(): readonly string[] {
  const lines = readFileSync("/proc/net/route", "utf8").split("\n").slice(1);
  return lines.flatMap((line) => {
    const target = line.split("\t")[1];
    if (target === undefined || !/^[0-9A-F]{8}$/.test(target)) return [];
    return [[...Buffer.from(target, "hex")].reverse().join(".")];
  });
}
