// Execs come by the thousand, so their claims go when they are over. The engine answers for an ended exec for some minutes
// more (a client reads its exit code), and so long its owner stays known.
// Source: moby/moby, daemon/exec.go (execCommandGC: 5 to 10 minutes); daemon/monitor.go (exec_die, attribute `execID`).

import { fieldAt, textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { OwnershipLedger } from "../../model/ledger.ts";
import type { EngineEvent } from "../references/engine-events.ts";

export type ExecTidy = {
  hear(event: EngineEvent): void;
  /** Events were missed. */
  reset(): void;
  /** Releases what ended long enough ago, and asks the engine for what no event has told of. */
  tidy(): Promise<void>;
};

/** @param keepEndedMs how long the owner of an ended exec stays known, in milliseconds */
export function createExecTidy(
  client: EngineClient,
  ledger: OwnershipLedger,
  nowMs: () => number,
  keepEndedMs: number,
): ExecTidy {
  /** Exec -> its container. */
  const alive = new Map<string, string>();
  /** Exec -> when it ended. */
  const ended = new Map<string, number>();
  let changes = 0;

  const end = (id: string): void => {
    alive.delete(id);
    if (ledger.owners("exec", id).length > 0 && !ended.has(id)) ended.set(id, nowMs());
  };
  const release = (id: string): void => {
    alive.delete(id);
    ended.delete(id);
    ledger.release("exec", id);
  };
  const execsOf = (container: string): readonly string[] =>
    [...alive].filter(([, holder]) => holder === container).map(([id]) => id);

  const ask = async (id: string): Promise<void> => {
    const seenChanges = changes;
    const found = await client.get(`/exec/${id}/json`);
    if (found === undefined) return release(id);
    // What happened meanwhile may have been about this one: it is asked for again next time.
    if (seenChanges !== changes) return;
    const isOver = fieldAt(found, "Running") !== true && typeof fieldAt(found, "ExitCode") === "number";
    if (isOver) end(id);
    else alive.set(id, textAt(found, "ContainerID"));
  };

  return {
    hear({ type, action, id, attributes }) {
      if (type !== "container") return;
      const exec = textAt(attributes, "execID");
      if (/^exec_create\b/.test(action)) alive.set(exec, id);
      if (!/^(?:exec_died?|die|died|destroy|remove)$/.test(action)) return;
      changes++;
      if (action.startsWith("exec_")) end(exec);
      else for (const one of execsOf(id)) end(one);
    },
    reset() {
      changes++;
      alive.clear();
    },
    async tidy() {
      const before = nowMs() - keepEndedMs;
      for (const [id, endedMs] of ended) if (endedMs <= before) release(id);
      for (const id of ledger.ids("exec")) if (!alive.has(id) && !ended.has(id)) await ask(id);
    },
  };
}
