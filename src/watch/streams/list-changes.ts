// When policy gives a container another list, what is open is judged again. Names that stand for other addresses than before are
// no other list: whoever got somewhere by a name that is still listed may stay.

import { errorText } from "../../base/errors.ts";
import type { ContainerProtection, NetworkPermit, Sensor } from "../../model/watch.ts";
import { namesIn } from "../network/name-users.ts";

export interface ListChanges {
  /** The kernel judges by it already. */
  changed(containerId: string, protection: ContainerProtection): void;
  forget(containerId: string): void;
}

export type ListChangesOptions = {
  readonly sensor: Pick<Sensor, "cutStreams">;
  stoodFor(containerId: string): readonly NetworkPermit[];
  notice(text: string): void;
};

export function createListChanges({ sensor, stoodFor, notice }: ListChangesOptions): ListChanges {
  const lists = new Map<string, string>();
  return {
    changed(containerId, protection) {
      const before = lists.get(containerId);
      const now = JSON.stringify([protection.levels.network, protection.connect, protection.bind]);
      lists.set(containerId, now);
      // After a start nobody knows what names stood for: only a list without names can say that a connection is unwanted.
      const isKnown = before !== undefined || namesIn(protection.connect ?? []).length === 0;
      if (!isKnown || before === now) return;
      try {
        sensor.cutStreams(containerId, stoodFor(containerId));
      } catch (thrown) {
        notice(`open connections of ${containerId.slice(0, 12)} go on, whatever its list says: ${errorText(thrown)}`);
      }
    },
    forget: (containerId) => void lists.delete(containerId),
  };
}
