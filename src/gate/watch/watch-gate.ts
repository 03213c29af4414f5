// The watch, as the gate sees it: told of each container that is made, before anybody can start it.

import type { ProtectedContainer } from "../../model/watch-store.ts";

export interface WatchGate {
  /** No container may be made while nobody watches. */
  readonly isRequired: boolean;
  /** Why nobody watches right now; "" when somebody does. */
  whyNot(): string;
  /** Resolves when the kernel knows it. @throws PlimsollError WATCH_UNAVAILABLE */
  protect(entry: ProtectedContainer): Promise<void>;
  /** Host paths that no container may write below. */
  readonly protectedPaths: readonly string[];
}
