// The alerts that were recorded, for reading.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { PlimsollError } from "../../base/errors.ts";
import type { WatchReader } from "../../store/watch-store.ts";

/** @throws PlimsollError NOT_FOUND when nobody has watched here, STORE_UNAVAILABLE */
export async function openIncidents(stateFolder: string): Promise<WatchReader & Disposable> {
  if (!existsSync(join(stateFolder, "watch.db"))) {
    throw new PlimsollError("NOT_FOUND", `${stateFolder}: nobody has watched here yet`, {
      hint: "start the watch with plimsoll up as root, or name its configuration with --config",
    });
  }
  const reader = (await import("../../store/watch-store.ts")).readWatchStore(stateFolder);
  return { ...reader, [Symbol.dispose]: () => reader.close() };
}
