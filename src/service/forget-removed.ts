// What containers may do is kept as long as the engine has them: a container that was stopped is started again with it, one
// that was removed never comes back.
// Source: Engine API reference, SystemEvents: container event destroy (Podman: remove); ContainerList.

import { textAt } from "../base/reading.ts";
import type { EngineClient } from "../engine/engine.ts";
import { listenToEngine } from "../gate/references/engine-events.ts";

export type Forgetting = {
  /** Ids of containers that something is kept of. */
  known(): readonly string[];
  forget(containerId: string): void;
};

/** A container that is being made while the list is asked for is not in it yet: what was known before counts. */
async function forgetMissing(client: EngineClient, { known, forget }: Forgetting): Promise<void> {
  const before = known();
  const listed = await client.get("/containers/json?all=1");
  if (!Array.isArray(listed)) return;
  const there = new Set(listed.map((container: unknown) => textAt(container, "Id")));
  for (const id of before) if (!there.has(id)) forget(id);
}

/** @returns a function that stops it */
export function forgetRemoved(client: EngineClient, forgetting: Forgetting): () => void {
  const events = listenToEngine(
    client,
    ({ type, action, id }) => {
      if (type === "container" && (action === "destroy" || action === "remove")) forgetting.forget(id);
    },
    // Whoever did not listen for a while has to look.
    () => void forgetMissing(client, forgetting).catch(() => undefined),
    { type: ["container"], event: ["destroy", "remove"] },
  );
  return () => events.close();
}
