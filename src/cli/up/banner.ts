// What a started Plimsoll says of itself, with the one line to copy.

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
    ...observing(service, terminal),
  ].join("");
}

/** `export DOCKER_HOST=unix:///run/plimsoll/docker.sock` */
export function exportLine(service: RunningService): string {
  const address = service.listeners[0]?.address ?? "";
  return `export DOCKER_HOST=${/^[\w@%+=:,./-]+$/.test(address) ? address : `'${address.replaceAll("'", "'\\''")}'`}`;
}

function observing({ listeners, engine }: RunningService, terminal: Terminal): readonly string[] {
  if (listeners.every((listener) => listener.mode === "enforce")) return [];
  const note = `Nothing is refused yet where the mode is observe or warn, and ${engine.socket} stays open to whoever may open it today.`;
  return [`${terminal.style("yellow", note)}\n`];
}
