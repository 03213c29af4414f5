// What a started Plimsoll says of itself, with the one line to copy.

import { printable } from "../../base/printable.ts";
import type { RunningService } from "../service.ts";
import { formatTable, type Terminal } from "../terminal.ts";

export function banner(service: RunningService, version: string, terminal: Terminal): string {
  const { engine, listeners } = service;
  const rows = listeners.map((listener) => [
    terminal.style("cyan", listener.name),
    listener.address,
    terminal.style(listener.mode === "enforce" ? "green" : "yellow", listener.mode),
    listener.policies.join(", "),
  ]);
  const origin = service.isManaged ? "its own" : `on ${engine.socket}`;
  return [
    `${terminal.style("bold", `Plimsoll ${version}`)} guards ${engine.kind} ${engine.version} (API ${engine.apiVersion}, ${origin})\n`,
    formatTable(rows, "  "),
    watching(service, terminal),
    ...observing(service, terminal),
  ].join("");
}

/** `export DOCKER_HOST=unix:///run/plimsoll/docker.sock` */
export function exportLine(service: RunningService): string {
  const address = service.listeners[0]?.address ?? "";
  return `export DOCKER_HOST=${/^[\w@%+=:,./-]+$/.test(address) ? address : `'${address.replaceAll("'", "'\\''")}'`}`;
}

/** What `block` means on this host is part of the promise. */
function watching({ watch }: RunningService, terminal: Terminal): string {
  const state = watch.state();
  const label = terminal.style("cyan", "watch");
  if (state.kind === "starting") return `  ${label}  is still starting\n`;
  if (state.kind !== "on") {
    const hint = state.kind === "off" && state.hint !== "" ? ` (${printable(state.hint, 200)})` : "";
    return `  ${label}  ${terminal.style("yellow", "off")}: ${printable(state.reason, 300)}${hint}\n`;
  }
  const blocks = state.protections.filter(({ best }) => best === "block").map(({ protection }) => protection);
  const tells = state.protections.filter(({ best }) => best === "detect").map(({ protection }) => protection);
  const parts = [
    `${state.rules} rules`,
    ...(blocks.length === 0 ? [] : [`can block ${blocks.join(", ")}`]),
    ...(tells.length === 0 ? [] : [`only detects ${tells.join(", ")}`]),
    `tiers ${
      state.tiers
        .filter(({ works }) => works)
        .map(({ tier }) => tier)
        .join(", ") || "none"
    }`,
  ];
  return `  ${label}  ${terminal.style("green", "on")}: ${parts.join("; ")}\n`;
}

function observing({ listeners, engine }: RunningService, terminal: Terminal): readonly string[] {
  if (listeners.every((listener) => listener.mode === "enforce")) return [];
  const note = `Nothing is refused yet where the mode is observe or warn, and ${engine.socket} stays open to whoever may open it today.`;
  return [`${terminal.style("yellow", note)}\n`];
}
