// What `plimsoll watch top` does.

import { printable, printableJson } from "../../base/printable.ts";
import type { Activity } from "../../watch/alerts/activity.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { endWithReader } from "../lost-reader.ts";
import { formatTable, type Terminal } from "../terminal.ts";
import { isTold, type Told } from "./told.ts";
import { readWatch } from "./watch-socket.ts";

type Look = Extract<Told, { kind: "activity" }>;

const mostRows = 40;
/** Cursor home, and clear from there: the screen is drawn anew. */
const clearScreen = "\u001b[H\u001b[2J";

export async function runTop(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout } = context;
  const { runtimeFolder } = configurationOf(context, input);
  endWithReader();
  let before: Look | undefined;
  for await (const told of readWatch(runtimeFolder, "activity")) {
    if (!isTold(told) || told.kind !== "activity") continue;
    if (input.flag("json")) stdout.write(`${printableJson(JSON.stringify(told))}\n`);
    else if (before !== undefined) {
      stdout.write(`${stdout.isTerminal && !input.flag("once") ? clearScreen : ""}${draw(told, before, stdout)}`);
    }
    if (input.flag("once") && (before !== undefined || input.flag("json"))) return 0;
    before = told;
  }
  return 3;
}

export function draw(now: Look, before: Look, terminal: Terminal): string {
  const earlier = new Map(before.containers.map((activity) => [activity.id, activity]));
  const rows = now.containers
    .map((activity) => ({ activity, rates: rates(activity, earlier.get(activity.id)) }))
    .sort((one, other) => other.rates.events - one.rates.events)
    .slice(0, mostRows)
    .map(({ activity, rates: { events, processes, files, connections, other } }) => [
      terminal.style("cyan", printable(activity.name || activity.id.slice(0, 12), 24)),
      printable(activity.image, 32),
      ...[events, processes, files, connections, other].map(String),
      activity.alerts === 0 ? "0" : terminal.style("yellow", String(activity.alerts)),
    ]);
  const head = ["CONTAINER", "IMAGE", "EVENTS/S", "PROCESSES", "FILES", "NETWORK", "OTHER", "ALERTS"];
  const { counters } = now;
  const lost = counters.dropped === 0 ? "none lost" : terminal.style("red", `${counters.dropped} LOST`);
  return [
    formatTable([head.map((word) => terminal.style("dim", word)), ...rows]),
    `\nsensor: ${counters.received} events, ${lost}, ${unread(counters.packetsDropped, terminal)}${counters.heldBack} alerts held back, `,
    `${counters.processes} processes known, ${Math.round(counters.memoryBytes / 2 ** 20)} MiB\n`,
    malwareLine(counters.malware, terminal),
  ].join("");
}

/** Packets that were to be looked into. */
function unread(packets: number | undefined, terminal: Terminal): string {
  return packets === undefined || packets === 0 ? "" : `${terminal.style("red", `${packets} packets UNREAD`)}, `;
}

function malwareLine(malware: Look["counters"]["malware"], terminal: Terminal): string {
  if (malware === undefined) return "";
  const { asked, known, denied, scanned, scannedBytes, found, waiting } = malware;
  const missed = malware.skipped + malware.timeouts + malware.failed + malware.overflows;
  const unscanned = missed === 0 ? "none missed" : terminal.style("red", `${missed} MISSED`);
  return [
    `malware: ${asked} execs asked about (${known} known, ${denied} refused), ${scanned} files of `,
    `${Math.round(scannedBytes / 2 ** 20)} MiB looked into, ${found} found, ${unscanned}, `,
    `${malware.tooLarge} too large, ${waiting} waiting\n`,
  ].join("");
}

function rates(
  now: Activity,
  before: Activity | undefined,
): Pick<Activity, "events" | "processes" | "files" | "connections" | "other"> {
  const since = (name: "events" | "processes" | "files" | "connections" | "other"): number =>
    Math.max(0, now[name] - (before?.[name] ?? 0));
  return {
    ...{ events: since("events"), processes: since("processes"), files: since("files") },
    ...{ connections: since("connections"), other: since("other") },
  };
}
