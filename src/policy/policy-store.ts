// The policies of a listener while the program runs: replaced as a whole when their files change, and never by a mistake.

import { randomUUID } from "node:crypto";
import { errorText } from "../base/errors.ts";
import { loadWithSchema } from "./load-policies.ts";
import type { PolicyEngine } from "./policy-engine.ts";
import type { PolicyFiles } from "./policy-files.ts";
import { readSchema } from "./schema.ts";
import type { PolicySource } from "./source.ts";

export type PolicyStore = {
  /** The newest good generation. */
  current(): PolicyEngine;
  /**
   * Reads the files again, as on SIGHUP. True when a new generation took over.
   * @throws PlimsollError POLICY_INVALID; the last good generation stays
   */
  reload(): Promise<boolean>;
  /** Stops watching; the engine stays usable. */
  close(): void;
};

export type PolicyStoreOptions = {
  readonly files: PolicyFiles;
  readonly schemaText: string;
  /** Files are read this long after the last change. Default 200. */
  readonly debounceMs?: number;
  readonly onReload?: (engine: PolicyEngine) => void;
  /** A changed file has a mistake, told with file and line; the last good generation stays. */
  readonly onMistake?: (message: string) => void;
};

/** @throws PlimsollError POLICY_INVALID: without good policies nothing may start */
export async function createPolicyStore(options: PolicyStoreOptions): Promise<PolicyStore> {
  const { files, debounceMs = 200 } = options;
  const schema = readSchema(options.schemaText);
  const storeName = randomUUID();
  // Two names in Cedar's memory are enough: a generation is released before its name is used again.
  const load = (sources: readonly PolicySource[], generation: number) =>
    loadWithSchema(sources, schema, { generation, prefix: `${storeName}/${generation % 2}` });

  let sources = await files.read();
  let engine = load(sources, 1);
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const replace = async (): Promise<boolean> => {
    const read = await files.read();
    if (isSame(read, sources)) return false;
    const next = load(read, engine.generation + 1);
    engine.close();
    [engine, sources] = [next, read];
    options.onReload?.(engine);
    return true;
  };
  const reload = (): Promise<boolean> => {
    const turn = running.then(replace);
    running = turn.catch(() => false); // the next reload waits for this one, whatever came of it
    return turn;
  };
  const watching = files.watch(() => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload().catch((thrown) => options.onMistake?.(errorText(thrown))), debounceMs);
    timer.unref();
  });

  return {
    current: () => engine,
    reload,
    close() {
      watching.close();
      clearTimeout(timer);
    },
  };
}

function isSame(one: readonly PolicySource[], other: readonly PolicySource[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
