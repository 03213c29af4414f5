// Completion for fish: one line for each word and option. Source: fish complete(1).

import type { CompletionOption, CompletionWords } from "./words.ts";

export function fishCompletion(commands: readonly CompletionWords[]): string {
  const lines = commands.flatMap((command) => [
    ...command.words.map(
      ({ word, summary }) =>
        `complete -c plimsoll -n ${condition(command, commands)} -f -a ${word}${description(summary)}`,
    ),
    ...command.options.map((option) => optionLine(command, option)),
  ]);
  return `# fish completion for plimsoll\n${lines.join("\n")}\n`;
}

function optionLine({ path }: CompletionWords, option: CompletionOption): string {
  const short = option.short === undefined ? "" : ` -s ${option.short}`;
  const value =
    option.choices.length > 0 ? ` -x -a ${quote(option.choices.join(" "))}` : option.takesValue ? " -r" : "";
  return `complete -c plimsoll -n ${quote(seen(path))} -l ${option.name}${short}${value}${description(option.summary)}`;
}

/** A word is offered after its path, as long as none of its neighbours stands there. */
function condition({ path, words }: CompletionWords, commands: readonly CompletionWords[]): string {
  if (path === "") return "__fish_use_subcommand";
  const isGroup = commands.some((command) => command.path.startsWith(`${path} `));
  const neighbours = words.map(({ word }) => word).join(" ");
  return quote(isGroup ? `${seen(path)}; and not __fish_seen_subcommand_from ${neighbours}` : seen(path));
}

function seen(path: string): string {
  return path
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
}

function description(summary: string): string {
  return summary === "" ? "" : ` -d ${quote(summary)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
