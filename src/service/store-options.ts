// What the configuration says of the audit log, in the store's words.

import { errorText } from "../base/errors.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { StoreOptions } from "../store/store.ts";
import { checkpointWitness } from "../store/witness.ts";

const printEveryMs = 3_600_000;
/** Small enough that little is unwitnessed, large enough that a year of it is 26 MB. */
const appendEveryMs = 300_000;

/** @param tell receives what operators should know, and one checkpoint an hour: in the system's journal it is a witness */
export function storeOptions({ stateFolder, audit }: Configuration, tell: (text: string) => void): StoreOptions {
  const nowMs = (): number => Date.now();
  const print = checkpointWitness({ print: tell, everyMs: printEveryMs, nowMs });
  const file = audit.witness;
  const append = file === undefined ? undefined : checkpointWitness({ file, everyMs: appendEveryMs, nowMs });
  return {
    folder: stateFolder,
    retention: { keepDays: audit.keepDays, maxBytes: audit.maxBytes },
    onFull: audit.onFull,
    ...(audit.tiles === undefined ? {} : { tilesFolder: audit.tiles }),
    onCheckpoint(note) {
      print(note);
      append?.(note);
    },
    onProblem: (cause) => tell(errorText(cause)),
  };
}
