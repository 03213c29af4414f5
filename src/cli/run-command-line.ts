// The whole program as a function: words in, exit code out, text on two terminals. src/main.ts calls it.

import { type ErrorCode, errorText, never, PlimsollError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import type { CommandContext, ExitCode } from "./command.ts";
import { commandPage, overview } from "./help.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import type { Terminal } from "./terminal.ts";

/** Never throws: what goes wrong is told on stderr. */
export async function runCommandLine(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  try {
    const parsed = parseCommandLine(words, context.commands);
    switch (parsed.kind) {
      case "version":
        context.stdout.write(`plimsoll ${context.version}\n`);
        return 0;
      case "help":
        context.stdout.write(
          commandPage(parsed.path, context.commands, context.stdout) ?? overview(context.commands, context.stdout),
        );
        return 0;
      case "run":
        return await parsed.command.run(context, parsed.input);
      default:
        return never(parsed);
    }
  } catch (thrown) {
    reportError(thrown, context);
    return exitCodeOf(thrown);
  }
}

/** `plimsoll: [CODE] what happened` and, on a line of its own, what to do. */
export function describeError(thrown: unknown, terminal: Terminal): string {
  const name = terminal.style("bold", "plimsoll:");
  if (!(thrown instanceof PlimsollError))
    return `${name} ${terminal.style("red", "unexpected:")} ${printable(errorText(thrown))}\n`;
  const lines = printableLines(thrown.message);
  return `${name} ${terminal.style("red", `[${thrown.code}]`)} ${lines}\n${terminal.style("dim", "    hint:")} ${printable(thrown.hint)}\n`;
}

/** Some messages carry the last lines of a log: those keep their line breaks. */
function printableLines(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => printable(line))
    .join("\n          ");
}

function reportError(thrown: unknown, context: CommandContext): void {
  context.stderr.write(describeError(thrown, context.stderr));
  if (!(thrown instanceof Error) || !context.environment["PLIMSOLL_DEBUG"]) return;
  for (let each: unknown = thrown; each instanceof Error; each = each.cause) context.stderr.write(`${each.stack}\n`);
}

export function exitCodeOf(thrown: unknown): ExitCode {
  if (!(thrown instanceof PlimsollError)) return 3;
  return exitCodes[thrown.code] ?? 3;
}

/** Every other code means that it could not be decided or done. */
const exitCodes: Partial<Readonly<Record<ErrorCode, ExitCode>>> = { USAGE: 2, CONFIG_INVALID: 2, ACCESS_DENIED: 1 };
