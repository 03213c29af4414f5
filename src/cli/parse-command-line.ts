// Words of the command line -> a command of the table and its checked input. Everything not understood is a mistake.

import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { PlimsollError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import type { Command, CommandGroup, CommandInput, CommandOption, LeafCommand } from "./command.ts";

export type ParsedCommandLine =
  | { readonly kind: "run"; readonly path: string; readonly command: LeafCommand; readonly input: CommandInput }
  /** `path` is "" for the program itself. */
  | { readonly kind: "help"; readonly path: string }
  | { readonly kind: "version" };

/** @throws PlimsollError USAGE */
export function parseCommandLine(words: readonly string[], commands: readonly Command[]): ParsedCommandLine {
  const [first, ...rest] = words;
  if (first === undefined || first === "--help" || first === "-h") return { kind: "help", path: "" };
  if (first === "--version" || first === "-V") return { kind: "version" };
  if (first.startsWith("-")) throw usage(`unknown option "${first}" before a command`, "plimsoll --help");
  const command = findByName(first, commands, "plimsoll");
  return isGroup(command) ? parseGroup(command, rest) : parseLeaf(command.name, command, rest);
}

export function isGroup(command: Command): command is CommandGroup {
  return "commands" in command;
}

function parseGroup(group: CommandGroup, words: readonly string[]): ParsedCommandLine {
  const [first, ...rest] = words;
  if (first === "--help" || first === "-h") return { kind: "help", path: group.name };
  const usual = group.commands.find((command) => command.name === group.usual);
  if (usual !== undefined && (first === undefined || first.startsWith("-"))) {
    return parseLeaf(`${group.name} ${usual.name}`, usual, words);
  }
  const names = group.commands.map((command) => command.name).join(", ");
  if (first === undefined || first.startsWith("-")) {
    throw usage(`plimsoll ${group.name}: expected one of ${names}`, `plimsoll ${group.name} --help`);
  }
  const command = findByName(first, group.commands, `plimsoll ${group.name}`);
  return parseLeaf(`${group.name} ${command.name}`, command, rest);
}

function findByName<Found extends Command>(name: string, commands: readonly Found[], above: string): Found {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  throw new PlimsollError("USAGE", `unknown command "${name}"`, {
    hint: near === undefined ? `run ${above} --help for the list of commands` : `did you mean "${above} ${near}"?`,
  });
}

function parseLeaf(path: string, command: LeafCommand, words: readonly string[]): ParsedCommandLine {
  const end = words.indexOf("--");
  const before = end === -1 ? words : words.slice(0, end);
  if (before.includes("--help") || before.includes("-h")) return { kind: "help", path };
  const options = command.options ?? {};
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: toParserOptions(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === "option") checkOption(path, options, token);
  checkPositionals(path, command, positionals);
  return { kind: "run", path, command, input: toInput(values, positionals) };
}

function toParserOptions(options: Readonly<Record<string, CommandOption>>): ParseArgsOptionsConfig {
  const entries = Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? {} : { short: option.short };
    if (option.kind === "flag") return [name, { type: "boolean" as const, ...short }] as const;
    return [name, { type: "string" as const, multiple: option.isList === true, ...short }] as const;
  });
  return Object.fromEntries(entries);
}

type OptionToken = { readonly name: string; readonly rawName: string; readonly value: string | undefined };

function checkOption(path: string, options: Readonly<Record<string, CommandOption>>, token: OptionToken): void {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  const help = `plimsoll ${path} --help`;
  if (option === undefined) {
    const near = nearest(token.name, Object.keys(options));
    throw usage(`plimsoll ${path}: unknown option "${token.rawName}"`, help, near && `did you mean "--${near}"?`);
  }
  if (option.kind === "flag") {
    if (token.value !== undefined) throw usage(`plimsoll ${path}: ${token.rawName} takes no value`, help);
    return;
  }
  if (token.value === undefined || token.value === "") {
    throw usage(`plimsoll ${path}: ${token.rawName} expects ${option.value}`, help);
  }
  requireChoice(`plimsoll ${path}: ${token.rawName}`, token.value, option.choices);
}

function checkPositionals(path: string, command: LeafCommand, positionals: readonly string[]): void {
  const expected = command.arguments ?? [];
  const help = `plimsoll ${path} --help`;
  const missing = expected.find((argument, index) => !argument.isOptional && positionals[index] === undefined);
  if (missing !== undefined) throw usage(`plimsoll ${path}: ${missing.name} is missing`, help);
  for (const [index, value] of positionals.entries()) {
    const argument = expected[index] ?? (expected.at(-1)?.isRepeated ? expected.at(-1) : undefined);
    if (argument === undefined) throw usage(`plimsoll ${path}: unexpected argument "${value}"`, help);
    requireChoice(`plimsoll ${path}: ${argument.name}`, value, argument.choices);
  }
}

function requireChoice(what: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  const near = nearest(value, choices);
  throw new PlimsollError("USAGE", `${what}: expected ${choices.join(", ")}, found "${value}"`, {
    hint: near === undefined ? "choose one of them" : `did you mean "${near}"?`,
  });
}

function usage(message: string, help: string, hint?: string): PlimsollError {
  return new PlimsollError("USAGE", message, { hint: hint || `run ${help}` });
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

function toInput(values: Values, positionals: readonly string[]): CommandInput {
  const value = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);
  return {
    positionals,
    flag: (name) => value(name) === true,
    text: (name) => {
      const found = value(name);
      return typeof found === "string" ? found : undefined;
    },
    list: (name) => [value(name)].flat().filter((each) => typeof each === "string"),
  };
}
