// The command line as a function with both terminals in the hand of the test.

import type { Command, CommandContext, ExitCode } from "../../src/cli/command.ts";
import { commands as allCommands } from "../../src/cli/commands.generated.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { openTerminal } from "../../src/cli/terminal.ts";

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly commands?: readonly Command[];
};

export type RunResult = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string };

export async function run(words: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const text = { stdout: "", stderr: "" };
  const environment = options.environment ?? {};
  const terminal = (name: "stdout" | "stderr") =>
    openTerminal(
      {
        isTTY: options.isTerminal === true,
        columns: 80,
        write: (chunk: string) => {
          text[name] += chunk;
        },
      },
      environment,
    );
  const context: CommandContext = {
    stdout: terminal("stdout"),
    stderr: terminal("stderr"),
    environment,
    version: "1.2.3",
    commands: options.commands ?? allCommands,
    startService: () => Promise.reject(new Error("this test starts no service")),
    startJudge: () => Promise.reject(new Error("this test starts no judge")),
  };
  return { code: await runCommandLine(words, context), ...text };
}
