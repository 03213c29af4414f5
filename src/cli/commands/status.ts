// `plimsoll status`: what runs, since when, in front of what, and how it decided so far.

import { printable } from "../../base/printable.ts";
import { decode } from "../../base/schema.ts";
import type { Command, ExitCode } from "../command.ts";
import { configOption, configurationOf } from "../configuration/options.ts";
import { askControl } from "../control/ask.ts";
import { type ServiceStatus, serviceStatus } from "../control/protocol.ts";
import { formatTable, roomOf, type Terminal } from "../terminal.ts";

export const status: Command = {
  name: "status",
  summary: "show what runs and how it decided so far",
  description: ["Exits with 0 when a Plimsoll runs and with 3 when none does."],
  options: { config: configOption, json: { kind: "flag", summary: "as JSON" } },
  examples: [
    { line: "plimsoll status", does: "listeners, engine, mode and counters" },
    { line: "plimsoll status --json | jq .counters.denied", does: "refusals since the start" },
  ],
  async run(context, input): Promise<ExitCode> {
    const { runtimeFolder } = configurationOf(context, input);
    const answer = await askControl(runtimeFolder, { ask: "status" });
    const found = decode(serviceStatus, answer, { code: "MALFORMED_INPUT", where: "control socket" });
    context.stdout.write(input.flag("json") ? `${JSON.stringify(found)}\n` : describe(found, context.stdout));
    return 0;
  },
};

function describe(status: ServiceStatus, terminal: Terminal): string {
  const { engine, counters } = status;
  const origin = engine.isManaged ? "managed" : "was there before";
  const head = `${terminal.style("green", "running")}, pid ${status.pid}, up ${duration(Date.now() - Date.parse(status.startedAt))}`;
  const rows = [
    ["plimsoll", `${status.version}, ${head}, ${Math.round(status.memoryBytes / 2 ** 20)} MiB`],
    ["engine", `${engine.kind} ${engine.version}, API ${engine.apiVersion}, ${origin}, ${engine.socket}`],
    ["settings", status.configurationFile || "defaults"],
    ["policies", `generation ${status.policyGeneration}`],
    ["trust", describeTrust(status)],
    ["decisions", `${counters.allowed} allowed, ${counters.denied} denied, ${counters.wouldDeny} would be denied`],
    ["audit log", `${status.auditSize} records`],
    ["watch", printable(status.watch, 300)],
    ...status.listeners.map(({ name, address, mode, policies }) => [
      "listener",
      `${name}  ${address}  ${mode}  ${policies.join(", ")}`,
    ]),
  ];
  const cells = rows.map(([label = "", text = ""]) => [terminal.style("dim", label), text]);
  return formatTable(cells, "", roomOf(terminal));
}

function describeTrust({ trust, listeners }: ServiceStatus): string {
  if (trust.file === "") return "not enforced: there is no trust file";
  const isEnforced = listeners.some(({ mode }) => mode === "enforce");
  const rules = trust.rules === 1 ? "1 rule" : `${trust.rules} rules`;
  return `${isEnforced ? "enforced" : "recorded, not enforced"}: ${trust.file}, counter ${trust.counter}, ${rules}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
