// One entry of the command table. Parser, help, completion, manual page and docs/cli.md are all made from it.

import type { Configuration } from "./configuration/configuration.ts";
import type { RunningJudge, RunningService } from "./service.ts";
import type { Terminal } from "./terminal.ts";

/** 0 done; 1 denied by policy, or findings; 2 a command line or setting that is wrong; 3 could not be decided; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export type CommandOption =
  | { readonly kind: "flag"; readonly short?: string; readonly summary: string }
  | {
      readonly kind: "value";
      readonly short?: string;
      readonly summary: string;
      /** What the value is, for help: `FILE`. */
      readonly value: string;
      /** May be given more than once. */
      readonly isList?: boolean;
      /** Nothing else is accepted. */
      readonly choices?: readonly string[];
    };

export type CommandArgument = {
  /** For help, `FILE`. */
  readonly name: string;
  readonly isOptional?: boolean;
  readonly isRepeated?: boolean;
  readonly choices?: readonly string[];
};

export type CommandExample = { readonly line: string; readonly does: string };

type CommandText = {
  /** Equals the file name. */
  readonly name: string;
  /** One line, lower case, no full stop. */
  readonly summary: string;
  /** Paragraphs for `help NAME`. */
  readonly description?: readonly string[];
  readonly examples?: readonly CommandExample[];
};

/** Does something. */
export type LeafCommand = CommandText & {
  readonly arguments?: readonly CommandArgument[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  run(context: CommandContext, input: CommandInput): Promise<ExitCode> | ExitCode;
};

/** Only has commands below it: `plimsoll policy check`. */
export type CommandGroup = CommandText & {
  readonly commands: readonly LeafCommand[];
  /** The one that runs when none is named: `plimsoll watch` is `plimsoll watch stream`. */
  readonly usual?: string;
};

export type Command = LeafCommand | CommandGroup;

/** What was typed, checked against the entry. */
export interface CommandInput {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/** All that a command may touch, so that tests can hold the other ends. */
export type CommandContext = {
  /** Data. */
  readonly stdout: Terminal;
  /** Talk. */
  readonly stderr: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** The whole table for help, completion and what is no command; else the one that was asked for. */
  readonly commands: readonly Command[];
  readonly startService: StartService;
  readonly startJudge: StartJudge;
};

/** Builds and starts everything; nothing is left behind when it throws. */
export type StartService = (
  configuration: Configuration,
  environment: Readonly<Record<string, string | undefined>>,
  /** Sockets that systemd handed over, by name. */
  inherited: ReadonlyMap<string, number>,
) => Promise<RunningService>;

/** Opens what judging images needs, and no engine. */
export type StartJudge = (
  configuration: Configuration,
  environment: Readonly<Record<string, string | undefined>>,
  notice: (text: string) => void,
) => Promise<RunningJudge>;
