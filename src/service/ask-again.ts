// Policies that were read anew hold for containers that are there already: each is asked about again, with what was known when
// it was made, and the kernel is told where the answer is another one. No container and no watch is started again for it.

import { isDeepStrictEqual } from "node:util";
import { errorText } from "../base/errors.ts";
import { protectionFor } from "../gate/watch/protection-for.ts";
import type { WatchStore } from "../model/watch-store.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";
import type { WatchService } from "../watch/service/watch-service.ts";

/** Of a listener by its name; undefined when there is none any more. */
export type PoliciesOf = (listener: string) => PolicyEngine | undefined;

export type AskingAgain = {
  readonly service: WatchService;
  readonly store: WatchStore;
  readonly policiesOf: PoliciesOf;
  readonly protectedPaths: readonly string[];
  tell(text: string): void;
};

export async function askAgain({ service, store, policiesOf, protectedPaths, tell }: AskingAgain): Promise<void> {
  let changed = 0;
  for (const { container, protection, asked } of store.protectedContainers()) {
    const policies = asked && policiesOf(asked.facts.listener);
    if (asked === undefined || policies === undefined) continue;
    const { chosen } = protectionFor(policies, asked, protectedPaths);
    // As the store has it: what is undefined is not there.
    const next: unknown = JSON.parse(JSON.stringify(chosen.protection));
    if (isDeepStrictEqual(next, protection)) continue;
    changed++;
    try {
      await service.protect(container, chosen.protection, asked);
    } catch (thrown) {
      tell(`watch: what ${container.name || container.id.slice(0, 12)} may do is not in force: ${errorText(thrown)}`);
    }
  }
  if (changed > 0) tell(`watch: ${changed} containers may do something else now`);
}
