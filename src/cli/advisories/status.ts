// `plimsoll advisories status`: what database is here, how old it is, and what it knows of.

import { printable } from "../../base/printable.ts";
import type { DatabaseStatus, FeedStatus } from "../../findings/update/database-status.ts";
import type { ExitCode, LeafCommand } from "../command.ts";
import { formatTable, type Terminal } from "../terminal.ts";
import { advisoryFolder, folderOptions } from "./options.ts";

export const advisoriesStatus: LeafCommand = {
  name: "status",
  summary: "say what database is here and how old it is",
  description: ["Exits with 0 when there is a database that can be trusted, and with 1 when there is none."],
  options: { json: { kind: "flag", summary: "as JSON" }, ...folderOptions },
  examples: [{ line: "plimsoll advisories status --json | jq .ageHours", does: "for a monitor" }],
  async run(context, input): Promise<ExitCode> {
    const { databaseStatus } = await import("../../findings/update/database-status.ts");
    const status = databaseStatus(advisoryFolder(context, input), new Date());
    context.stdout.write(input.flag("json") ? `${JSON.stringify(status)}\n` : describe(status, context.stdout));
    return status.exists ? 0 : 1;
  },
};

function describe(status: DatabaseStatus, terminal: Terminal): string {
  if (!status.exists) return `${status.file}: there is no database; run plimsoll advisories update\n`;
  const total = status.feeds.reduce((sum, feed) => sum + feed.advisories, 0);
  const head = [
    ["database", `${status.file}, ${(status.bytes / 1e6).toFixed(1)} MB`],
    ["age", `${hours(status.ageHours)}, built ${status.builtAt}`],
    ["digest", `sha256:${status.digest}`],
    ["signed by", status.signedBy],
    ["advisories", `${total} in ${status.namespaces.length} namespaces`],
  ].map(([label = "", text = ""]) => [terminal.style("dim", label), printable(text, 300)]);
  const feeds = status.feeds.map((feed) => [
    terminal.style("dim", "feed"),
    printable(feed.name, 40),
    `${feed.advisories}`,
    describeAge(feed, terminal),
  ]);
  return `${formatTable(head)}\n${formatTable(feeds)}`;
}

function describeAge({ ageHours, isComplete }: FeedStatus, terminal: Terminal): string {
  return `${hours(ageHours)} old${isComplete ? "" : terminal.style("yellow", ", incomplete")}`;
}

function hours(value: number): string {
  if (!Number.isFinite(value)) return "unknown";
  if (value < 1) return `${Math.round(value * 60)} min`;
  return value < 48 ? `${Math.floor(value)} h` : `${Math.floor(value / 24)} d`;
}
