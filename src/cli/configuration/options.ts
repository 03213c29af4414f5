// The options by which every command finds the same Plimsoll: the configuration, and where it is told to look.

import { resolve } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import type { CommandContext, CommandInput, CommandOption } from "../command.ts";
import type { Configuration } from "./configuration.ts";
import { parseEngine, readConfiguration } from "./read-configuration.ts";

export const configOption: CommandOption = {
  kind: "value",
  short: "c",
  value: "FILE",
  summary: "read this configuration file",
};

export const engineOption: CommandOption = {
  kind: "value",
  short: "e",
  value: "ENGINE",
  summary: "auto, managed, or unix:///path of an engine's socket",
};

/** The configuration that the command line asks for. @throws PlimsollError CONFIG_INVALID, USAGE */
export function configurationOf(context: CommandContext, input: CommandInput): Configuration {
  const file = input.text("config");
  const configuration = readConfiguration({
    file: file === undefined ? undefined : resolve(file),
    environment: context.environment,
    isRoot: process.getuid?.() === 0,
  });
  const wanted = input.text("engine");
  if (wanted === undefined) return configuration;
  const engine = parseEngine(wanted);
  if (engine !== undefined) return { ...configuration, engine };
  throw new PlimsollError("USAGE", `--engine: expected auto, managed or unix:///path, found "${wanted}"`, {
    hint: "run plimsoll up --help",
  });
}
