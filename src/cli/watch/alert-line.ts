// Alerts and events as lines for people. Everything in them was chosen by whoever is being watched: no name, however it
// is made, breaks a line, colours it, or hides what comes after it.

import { printable } from "../../base/printable.ts";
import type { Alert, KernelEvent, WatchedContainer } from "../../model/watch.ts";
import type { Style, Terminal } from "../terminal.ts";

const outcomeStyles: Readonly<Record<Alert["outcome"], Style>> = { detected: "yellow", denied: "red", killed: "red" };
const severityStyles: Readonly<Record<Alert["severity"], Style>> = {
  notice: "dim",
  warning: "yellow",
  critical: "red",
};

/** Three lines: who and what; the process tree, the first process first; what was done. */
export function formatAlert(alert: Alert, terminal: Terminal): string {
  const { severity, outcome, rule, message, responses } = alert;
  const head = [
    terminal.style("dim", timeOfDay(alert.time)),
    terminal.style("cyan", fit(containerName(alert.container), 18)),
    terminal.style(outcomeStyles[outcome], outcome.toUpperCase().padEnd(8)),
    terminal.style(severityStyles[severity], fit(rule, 34)),
    printable(message, 400),
  ].join("  ");
  const indent = " ".repeat(10);
  const tree = `${indent}${terminal.style("dim", treeOf(alert))}\n`;
  const done =
    responses.length === 0 ? "" : `${indent}${terminal.style("bold", printable(responses.join("; "), 400))}\n`;
  return `${head}\n${tree}${done}`;
}

/** `sh 4711 > nginx 4712 > sh -c id 4713` */
export function treeOf({ ancestors }: Pick<Alert, "ancestors">): string {
  const steps = ancestors.map(({ pid, path, argv }) => `${printable(argv.join(" ") || path, 80)} ${pid}`);
  return steps.reverse().join(" > ");
}

export function formatEvent(
  told: { readonly event: KernelEvent; readonly container: WatchedContainer | undefined; readonly parent: string },
  terminal: Terminal,
): string {
  const { event, container, parent } = told;
  const verdict = event.verdict === "seen" ? (event.protection ?? "") : `${event.verdict} (${event.protection ?? ""})`;
  return `${[
    terminal.style("dim", timeOfDay(new Date(event.time).toISOString())),
    terminal.style("cyan", fit(containerName(container), 18)),
    fit(event.kind, 14),
    fit(`${event.process.name} ${event.process.pid}`, 24),
    printable(objectOf(event), 200),
    terminal.style("dim", parent === "" ? "" : `by ${printable(parent, 60)}`),
    event.verdict === "seen" ? terminal.style("yellow", verdict) : terminal.style("red", verdict),
  ]
    .filter((column) => column !== "")
    .join("  ")}\n`;
}

function objectOf({ kind, argv, path, address, port, targetPid, details }: KernelEvent): string {
  if (kind === "exec") return argv.join(" ") || path;
  if (kind === "flow" || kind === "flow-ended") return conversationOf({ address, port, details });
  if (address !== "") return `${address} port ${port}`;
  const more = Object.entries(details).map(([name, value]) => `${name}=${value}`);
  return [path, targetPid > 0 ? `of process ${targetPid}` : "", ...more].filter((part) => part !== "").join(" ");
}

/** `GET shop/cart to 10.0.0.7 port 80`, `asks 10.0.0.53 for a.example` */
function conversationOf({ address, port, details }: Pick<KernelEvent, "address" | "port" | "details">): string {
  const text = (name: string): string => String(details[name] ?? "");
  const isOut = text("direction") === "out";
  const peer = `${text("peerContainer") || text("name")} ${address} port ${port}`.trim();
  const said =
    text("dns.name") !== ""
      ? `${text("dns.type")} ${text("dns.name")} ${text("dns.addresses")}`
      : `${text("http.method")} ${text("http.host")}${text("http.path")}${text("tls.serverName")} ${text("signs")}`;
  const bytes = `${text("bytesOut")} B out, ${text("bytesIn")} B in`;
  return `${text("transport")} ${isOut ? "to" : "from"} ${peer}, ${said.trim()} ${bytes}`.replaceAll(/ {2,}/g, " ");
}

function containerName(container: WatchedContainer | undefined): string {
  return container === undefined ? "(host)" : container.name || container.id.slice(0, 12);
}

function timeOfDay(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "--:--:--" : date.toTimeString().slice(0, 8);
}

function fit(text: string, width: number): string {
  return printable(text, width).padEnd(width);
}
