// What can follow what, for every shell: the command table without its verbs.

import type { Command, CommandOption } from "../command.ts";
import { isGroup } from "../parse-command-line.ts";

export type CompletionWords = {
  /** `up`, `log tail`; "" is the program itself. */
  readonly path: string;
  readonly summary: string;
  /** Commands below it, or the choices of its first argument. */
  readonly words: readonly { readonly word: string; readonly summary: string }[];
  readonly options: readonly CompletionOption[];
};

export type CompletionOption = {
  readonly name: string;
  readonly short?: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
};

export function completionWords(commands: readonly Command[]): readonly CompletionWords[] {
  const top = { path: "", summary: "", words: toWords(commands), options: [] };
  return [top, ...commands.flatMap((command) => commandWords(command))];
}

function commandWords(command: Command): readonly CompletionWords[] {
  if (!isGroup(command)) return [leafWords(command.name, command)];
  const own = { path: command.name, summary: command.summary, words: toWords(command.commands), options: [] };
  return [own, ...command.commands.map((leaf) => leafWords(`${command.name} ${leaf.name}`, leaf))];
}

function leafWords(path: string, command: Exclude<Command, { commands: unknown }>): CompletionWords {
  const choices = command.arguments?.[0]?.choices ?? [];
  return {
    path,
    summary: command.summary,
    words: choices.map((word) => ({ word, summary: "" })),
    options: [
      ...Object.entries(command.options ?? {}).map(([name, option]) => toOption(name, option)),
      { name: "help", short: "h", summary: "show help", takesValue: false, choices: [] },
    ],
  };
}

function toWords(commands: readonly Command[]): CompletionWords["words"] {
  return commands.map(({ name, summary }) => ({ word: name, summary }));
}

function toOption(name: string, option: CommandOption): CompletionOption {
  return {
    name,
    ...(option.short === undefined ? {} : { short: option.short }),
    summary: option.summary,
    takesValue: option.kind === "value",
    choices: option.kind === "value" ? (option.choices ?? []) : [],
  };
}
