// Containers that run while the kernel tells nothing of them: a runtime that makes no control group of the kind that the watch
// looks at hides its containers altogether. Nobody would miss what is never told, so the engine is asked who runs.

import { printable } from "../base/printable.ts";
import { isFields, textAt, textsAt } from "../base/reading.ts";

export type UnseenOptions = {
  /** Containers that run, as the engine lists them. */
  list(): Promise<unknown>;
  sees(containerId: string): boolean;
  notice(text: string): void;
};

export interface UnseenContainers {
  /** Tells of each container once: when it is there for the second time. */
  look(): Promise<void>;
}

const most = 1_000;

export function createUnseenContainers({ list, sees, notice }: UnseenOptions): UnseenContainers {
  let suspects: ReadonlySet<string> = new Set();
  let told: ReadonlySet<string> = new Set();
  let isBusy = false;
  return {
    async look() {
      if (isBusy) return;
      isBusy = true;
      try {
        const running: unknown = await list();
        const unseen = (Array.isArray(running) ? running.slice(0, most) : []).filter(
          (item) => isFields(item) && textAt(item, "Id") !== "" && !sees(textAt(item, "Id")),
        );
        const ids = unseen.map((item) => textAt(item, "Id"));
        for (const [index, id] of ids.entries()) {
          if (!suspects.has(id) || told.has(id)) continue;
          told = new Set([...told, id]);
          notice(`${nameOf(unseen[index])} runs unseen: ${why}`);
        }
        suspects = new Set(ids);
        told = new Set([...told].filter((id) => suspects.has(id)));
      } catch {
        // The engine is away: asked again.
      } finally {
        isBusy = false;
      }
    },
  };
}

const why =
  "its runtime made no control group that the watch looks at, so nothing of it is told or stopped (docs/runtimes.md)";

function nameOf(item: unknown): string {
  const [name = ""] = textsAt(item, "Names");
  return printable(`container ${name.replace(/^\//, "") || textAt(item, "Id").slice(0, 12)}`, 100);
}
