// The manual page in the man macros that groff and mandoc read. Source: man(7), groff_man(7).

import type { Command, LeafCommand } from "./command.ts";
import { exitCodes, optionSummary, optionWords, usageLine } from "./help.ts";
import { isGroup } from "./parse-command-line.ts";

export function manualPage(commands: readonly Command[], version: string): string {
  return [
    `.TH PLIMSOLL 1 "" "plimsoll ${roff(version)}" "Plimsoll"`,
    ".SH NAME",
    "plimsoll \\- the load line of a container host",
    ".SH SYNOPSIS",
    ".B plimsoll",
    "COMMAND [OPTIONS]",
    ".SH DESCRIPTION",
    "Plimsoll stands in front of a Docker or Podman engine and answers three questions: who may use the engine,",
    "which images may run, and what their code may do.",
    ".SH COMMANDS",
    ...commands.flatMap((command) => (isGroup(command) ? groupSection(command) : leafSection(command.name, command))),
    ".SH EXIT STATUS",
    ...exitCodes.flatMap(([code, meaning]) => [".TP", `.B ${code}`, roff(meaning)]),
    ".SH FILES",
    ...files.flatMap(([path, what]) => [".TP", `.I ${path}`, roff(what)]),
    ".SH ENVIRONMENT",
    ...variables.flatMap(([name, what]) => [".TP", `.B ${name}`, roff(what)]),
    "",
  ].join("\n");
}

const files: readonly (readonly [string, string])[] = [
  ["/etc/plimsoll/plimsoll.yaml", "the configuration; without it defaults hold"],
  ["/run/plimsoll/docker.sock", "the socket for clients, guarded"],
  ["/var/lib/plimsoll", "audit log, ownership, a managed engine's data"],
];

const variables: readonly (readonly [string, string])[] = [
  ["DOCKER_HOST", "where the engine is, when no other is configured"],
  ["NO_COLOR, FORCE_COLOR", "without colours; with colours even in a pipe"],
  ["PLIMSOLL_DEBUG", "unexpected errors are shown with their stack"],
];

function groupSection(group: Exclude<Command, LeafCommand>): readonly string[] {
  const own = [`.SS plimsoll ${group.name}`, roff(`${group.summary}.`)];
  return [...own, ...group.commands.flatMap((command) => leafSection(`${group.name} ${command.name}`, command))];
}

function leafSection(path: string, command: LeafCommand): readonly string[] {
  return [
    `.SS ${roff(usageLine(path, command))}`,
    roff(`${command.summary}.`),
    ...(command.description ?? []).flatMap((paragraph) => [".PP", roff(paragraph)]),
    ...Object.entries(command.options ?? {}).flatMap(([name, option]) => [
      ".TP",
      `.B ${roff(optionWords(name, option).trim())}`,
      roff(optionSummary(option)),
    ]),
    ...(command.examples ?? []).flatMap(({ line, does }) => [
      ".PP",
      roff(`${does}:`),
      ".RS",
      ".nf",
      roff(line),
      ".fi",
      ".RE",
    ]),
  ];
}

/** A dot or quote at the start of a line would be a request; a hyphen of an option must stay one. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
}
