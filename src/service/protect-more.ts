// Paths of the host that have to be protected from now on: containers that are there already must not write below them either.

import { errorText } from "../base/errors.ts";
import type { WatchStore } from "../model/watch-store.ts";
import type { WatchService } from "../watch/service/watch-service.ts";

export type ProtectingMore = {
  readonly service: Pick<WatchService, "protect">;
  readonly store: Pick<WatchStore, "protectedContainers">;
  tell(text: string): void;
};

export async function protectMore(added: readonly string[], { service, store, tell }: ProtectingMore): Promise<void> {
  for (const { container, protection, asked } of store.protectedContainers()) {
    // The kernel does not look at them where nobody asked for it.
    if (protection.protectedPaths.length === 0) continue;
    const protectedPaths = [...new Set([...protection.protectedPaths, ...added])];
    if (protectedPaths.length === protection.protectedPaths.length) continue;
    try {
      await service.protect(container, { ...protection, protectedPaths }, asked);
    } catch (thrown) {
      const name = container.name || container.id.slice(0, 12);
      tell(`watch: ${name} is not kept from ${added.join(", ")}: ${errorText(thrown)}`);
    }
  }
}
