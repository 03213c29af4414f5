// What the configuration says of the audit log, in the store's words.

import { errorText } from "../base/errors.ts";
import type { Configuration } from "../cli/configuration/configuration.ts";
import type { StoreOptions } from "../store/store.ts";
import { checkpointWitness } from "../store/witness.ts";

const hourMs = 3_600_000;

/** @param tell receives what operators should know, and one checkpoint an hour: in the system's journal it is a witness */
export function storeOptions({ stateFolder, audit }: Configuration, tell: (text: string) => void): StoreOptions {
  return {
    folder: stateFolder,
    retention: { keepDays: audit.keepDays, maxBytes: audit.maxBytes },
    onFull: audit.onFull,
    ...(audit.tiles === undefined ? {} : { tilesFolder: audit.tiles }),
    onCheckpoint: checkpointWitness({
      everyMs: hourMs,
      nowMs: () => Date.now(),
      print: tell,
      ...(audit.witness === undefined ? {} : { file: audit.witness }),
    }),
    onProblem: (cause) => tell(errorText(cause)),
  };
}
