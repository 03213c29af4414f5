// What `plimsoll watch` does.

import { printable, printableJson } from "../../base/printable.ts";
import type { Alert, WatchedContainer } from "../../model/watch.ts";
import { toEcs } from "../../watch/alerts/ecs.ts";
import { toOcsf } from "../../watch/alerts/ocsf.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { configurationOf } from "../configuration/options.ts";
import { endWithReader } from "../lost-reader.ts";
import type { Terminal } from "../terminal.ts";
import { formatAlert, formatEvent } from "./alert-line.ts";
import { isTold, type Told } from "./told.ts";
import { readWatch } from "./watch-socket.ts";

type Format = "text" | "ecs" | "ocsf" | "raw";

export async function runStream(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const { runtimeFolder } = configurationOf(context, input);
  endWithReader();
  const format = formatOf(input);
  const wanted = input.text("container");
  for await (const told of readWatch(runtimeFolder, input.flag("events") ? "events" : "alerts")) {
    if (!isTold(told) || !isOf(told, wanted)) continue;
    if (told.kind === "lost") stderr.write(`plimsoll: ${told.count} lines were lost: they were not read in time\n`);
    else stdout.write(format === "text" ? textOf(told, stdout) : jsonOf(told, format));
  }
  stderr.write("plimsoll: the watch has ended\n");
  return 3;
}

function formatOf(input: CommandInput): Format {
  const named = (["text", "ecs", "ocsf", "raw"] as const).find((format) => format === input.text("format"));
  return named ?? (input.flag("json") ? "ecs" : "text");
}

function isOf(told: Told, wanted: string | undefined): boolean {
  if (wanted === undefined || (told.kind !== "alert" && told.kind !== "event")) return true;
  const container: WatchedContainer | undefined = told.kind === "alert" ? told.alert.container : told.container;
  return container?.name === wanted || (wanted.length >= 6 && container?.id.startsWith(wanted) === true);
}

function textOf(told: Told, terminal: Terminal): string {
  if (told.kind === "alert") return formatAlert(told.alert, terminal);
  if (told.kind === "event") return formatEvent(told, terminal);
  if (told.kind !== "responded") return "";
  return `${" ".repeat(10)}${terminal.style("bold", printable(told.responses.join("; "), 400))}\n`;
}

function jsonOf(told: Told, format: Exclude<Format, "text">): string {
  const value = told.kind === "alert" ? alertAs(told.alert, format) : told;
  return `${printableJson(JSON.stringify(value))}\n`;
}

function alertAs(alert: Alert, format: Exclude<Format, "text">): unknown {
  return format === "ecs" ? toEcs(alert) : format === "ocsf" ? toOcsf(alert) : alert;
}
