// docs/cli.md, made from the command table.

import type { Command, LeafCommand } from "./command.ts";
import { exitCodes, optionSummary, optionWords, usageLine } from "./help.ts";
import { isGroup } from "./parse-command-line.ts";

export function commandLineDocument(commands: readonly Command[]): string {
  return [
    "# Command line",
    "",
    "Made from the command table in `src/cli/commands` by `npm run plugins`; `plimsoll help COMMAND` shows the same.",
    "Data goes to standard output, everything said about it to standard error. Colours are for terminals only:",
    "`NO_COLOR=1` switches them off, `FORCE_COLOR=1` on.",
    "",
    "| exit code | meaning |",
    "|---|---|",
    ...exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    "",
    ...commands.flatMap((command) =>
      isGroup(command) ? groupSection(command) : leafSection(command.name, command, "##"),
    ),
  ].join("\n");
}

function groupSection(group: Exclude<Command, LeafCommand>): readonly string[] {
  const own = [`## plimsoll ${group.name}`, "", `${sentence(group.summary)}`, "", ...paragraphs(group)];
  return [...own, ...group.commands.flatMap((command) => leafSection(`${group.name} ${command.name}`, command, "###"))];
}

function leafSection(path: string, command: LeafCommand, level: string): readonly string[] {
  return [
    `${level} plimsoll ${path}`,
    "",
    sentence(command.summary),
    "",
    "```",
    usageLine(path, command),
    "```",
    "",
    ...paragraphs(command),
    ...options(command),
    ...examples(command),
  ];
}

function paragraphs(command: Command): readonly string[] {
  return (command.description ?? []).flatMap((paragraph) => [paragraph, ""]);
}

function options(command: LeafCommand): readonly string[] {
  const entries = Object.entries(command.options ?? {});
  if (entries.length === 0) return [];
  const rows = entries.map(
    ([name, option]) => `| \`${optionWords(name, option).trim()}\` | ${optionSummary(option).replaceAll("|", "\\|")} |`,
  );
  return ["| option | what it does |", "|---|---|", ...rows, ""];
}

function examples(command: LeafCommand): readonly string[] {
  const lines = (command.examples ?? []).flatMap(({ line, does }) => [`# ${does}`, line]);
  return lines.length === 0 ? [] : ["```sh", ...lines, "```", ""];
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
