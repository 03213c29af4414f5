// `plimsoll keys ...`: the keys that you sign with, in sealed files or on tokens.

import type { Command } from "../command.ts";
import { keysCreate } from "../trust/keys-create.ts";
import { keysImport } from "../trust/keys-import.ts";
import { keysList, keysUse } from "../trust/keys-list.ts";

export const keys: Command = {
  name: "keys",
  summary: "make, import, list and choose the keys that you sign with",
  commands: [keysCreate, keysImport, keysList, keysUse],
};
