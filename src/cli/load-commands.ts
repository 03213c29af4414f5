// Of the command table only what the words ask for: loading all of it takes longer than most commands.

import type { Command } from "./command.ts";
import { commandLoaders } from "./command-loaders.generated.ts";

/** They tell of all the others. */
const aboutAll: readonly string[] = ["completion", "help", "man"];

/** @returns the whole table where the first word is no command, for help and for what was meant instead */
export async function loadCommands(words: readonly string[]): Promise<readonly Command[]> {
  const name = words[0] ?? "";
  const load = Object.hasOwn(commandLoaders, name) && !aboutAll.includes(name) ? commandLoaders[name] : undefined;
  if (load !== undefined) return [await load()];
  return await Promise.all(Object.values(commandLoaders).map((each) => each()));
}
