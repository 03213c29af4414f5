// Help texts, made from the command table: the overview, and one page a command.

import type { Command, CommandGroup, CommandOption, LeafCommand } from "./command.ts";
import { isGroup } from "./parse-command-line.ts";
import { formatTable, roomOf, type Terminal, wrapText } from "./terminal.ts";

const maxWidth = 100;

export const exitCodes: readonly (readonly [string, string])[] = [
  ["0", "done"],
  ["1", "denied by policy, or findings"],
  ["2", "the command line or a setting is wrong"],
  ["3", "it could not be decided or done"],
  ["130", "interrupted"],
];

/** `plimsoll --help` */
export function overview(commands: readonly Command[], terminal: Terminal): string {
  const rows = commands.map((command) => [terminal.style("cyan", command.name), command.summary]);
  return [
    wrapText(
      "Plimsoll: the load line of a container host. Who may use the engine, which images may run, what their code may do.",
      roomOf(terminal),
    ),
    heading("Usage", terminal),
    "  plimsoll COMMAND [OPTIONS]\n",
    heading("Commands", terminal),
    formatTable(rows, "  ", roomOf(terminal)),
    heading("Start here", terminal),
    formatTable(
      [
        ["  plimsoll doctor", "look at this host; changes nothing"],
        ["  plimsoll up", "open the gate and watch decisions"],
        ["  plimsoll help COMMAND", "what a command does, with examples"],
      ].map((row) => row),
    ),
    heading("Exit codes", terminal),
    formatTable(exitCodes, "  "),
  ].join("");
}

/** `plimsoll help PATH`. @returns undefined when there is no such command */
export function commandPage(path: string, commands: readonly Command[], terminal: Terminal): string | undefined {
  const [name, below, ...more] = path.split(" ");
  const command = commands.find((each) => each.name === name);
  if (command === undefined || more.length > 0) return undefined;
  if (!isGroup(command)) return below === undefined ? leafPage(path, command, terminal) : undefined;
  if (below === undefined) return groupPage(command, terminal);
  const leaf = command.commands.find((each) => each.name === below);
  return leaf === undefined ? undefined : leafPage(path, leaf, terminal);
}

function groupPage(group: CommandGroup, terminal: Terminal): string {
  const { name, commands, usual } = group;
  return [
    wrapText(sentence(group.summary), roomOf(terminal)),
    heading("Usage", terminal),
    `  plimsoll ${name} ${usual === undefined ? "COMMAND" : `[COMMAND=${usual}]`} [OPTIONS]\n`,
    heading("Commands", terminal),
    formatTable(
      commands.map((command) => [terminal.style("cyan", command.name), command.summary]),
      "  ",
      roomOf(terminal),
    ),
    paragraphs(group, terminal),
    examples(group, terminal),
  ].join("");
}

function leafPage(path: string, command: LeafCommand, terminal: Terminal): string {
  const options = Object.entries(command.options ?? {});
  return [
    wrapText(sentence(command.summary), roomOf(terminal)),
    heading("Usage", terminal),
    `  ${usageLine(path, command)}\n`,
    paragraphs(command, terminal),
    heading("Options", terminal),
    formatTable(
      [...options, helpOption].map(([name, option]) => [
        terminal.style("cyan", optionWords(name, option)),
        optionSummary(option),
      ]),
      "  ",
      roomOf(terminal),
    ),
    examples(command, terminal),
  ].join("");
}

const helpOption: readonly [string, CommandOption] = ["help", { kind: "flag", short: "h", summary: "show this page" }];

/** `plimsoll log tail [OPTIONS] [FILE...]` */
export function usageLine(path: string, command: LeafCommand): string {
  const words = (command.arguments ?? []).map((argument) => {
    const name = argument.choices?.join("|") ?? argument.name;
    const repeated = argument.isRepeated ? `${name}...` : name;
    return argument.isOptional ? `[${repeated}]` : repeated;
  });
  return ["plimsoll", path, ...(command.options ? ["[OPTIONS]"] : []), ...words].join(" ");
}

/** `-o, --output FILE` */
export function optionWords(name: string, option: CommandOption): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  return option.kind === "flag" ? `${short}--${name}` : `${short}--${name} ${option.value}`;
}

export function optionSummary(option: CommandOption): string {
  if (option.kind === "flag") return option.summary;
  const choices = option.choices === undefined ? "" : ` (${option.choices.join(", ")})`;
  return `${option.summary}${choices}${option.isList ? "; may be given more than once" : ""}`;
}

function paragraphs(command: Command, terminal: Terminal): string {
  const width = Math.min(terminal.columns, maxWidth);
  return (command.description ?? []).map((paragraph) => `\n${wrapText(paragraph, width)}`).join("");
}

function examples(command: Command, terminal: Terminal): string {
  if (!command.examples?.length) return "";
  const lines = command.examples.map(
    ({ line, does }) => `  ${terminal.style("dim", `# ${does}`)}\n  ${terminal.style("bold", line)}\n`,
  );
  return heading("Examples", terminal) + lines.join("\n");
}

function heading(text: string, terminal: Terminal): string {
  return `\n${terminal.style("bold", text)}\n`;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
