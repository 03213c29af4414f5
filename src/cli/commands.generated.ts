// Every plugin in commands/. Written by `npm run plugins`; do not edit.

import type { Command } from "./command.ts";
import { completion } from "./commands/completion.ts";
import { help } from "./commands/help.ts";
import { man } from "./commands/man.ts";
import { version } from "./commands/version.ts";

export const commands: readonly Command[] = [completion, help, man, version];
