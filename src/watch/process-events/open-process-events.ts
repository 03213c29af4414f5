// The sensor of last resort: where no program can be loaded into the kernel, its process connector still tells of every exec,
// fork and exit, and of who traces whom. It only tells, a moment later; nothing is ever refused, and of files, mounts and
// connections it knows nothing.

import type { ContainerProtection, KernelEvent, KernelEventKind, Sensor } from "../../model/watch.ts";
import { createContainerIndex } from "../containers/container-index.ts";
import { findHierarchy, type V1Controller } from "../containers/hierarchy.ts";
import { nothing } from "../kernel/compile-policy.ts";
import { kernelClock } from "../kernel/kernel-clock.ts";
import { reportProtections, reportTiers } from "../tiers/report-tiers.ts";
import { openConnector } from "./connector.ts";
import { createContainerGroups } from "./container-groups.ts";
import type { ProcessMessage } from "./decode-message.ts";
import { createStory } from "./story.ts";

export type ProcessEventsOptions = {
  /** Why the probes are not used. */
  readonly reason: string;
  /** What would make them work. */
  readonly remedy: string;
  /** What containers may do that nobody announced; default: everything, unseen. */
  readonly unknown?: ContainerProtection;
  readonly hierarchy?: "2" | V1Controller;
  /** Room for messages that nobody has read yet. */
  readonly roomBytes?: number;
};

const lookEveryMs = 1_000;
/** What gets lost gets lost in heaps. */
const settleMs = 50;

/** @throws PlimsollError NEED_MISSING, PERMISSION_NEEDED */
export async function openProcessEvents(options: ProcessEventsOptions): Promise<Sensor> {
  const hierarchy = findHierarchy(options.hierarchy);
  const index = createContainerIndex(hierarchy);
  const protections = new Map<string, ContainerProtection>();
  let unknown = options.unknown ?? nothing;
  const handlers: ((event: KernelEvent) => void)[] = [];
  const byKind = new Map<KernelEventKind, number>();
  const tell = (event: KernelEvent): void => {
    byKind.set(event.kind, (byKind.get(event.kind) ?? 0) + 1);
    for (const handler of handlers) handler(event);
  };
  const groups = createContainerGroups({
    ...{ hierarchy, index },
    made: (cgroupId, place) => story.group("cgroup-made", cgroupId, place),
    gone: (cgroupId, place) => story.group("cgroup-gone", cgroupId, place),
  });
  const story = createStory({
    ...{ tell, groups, clock: kernelClock() },
    placeOf: index.find,
    protectionOf: (containerId) => protections.get(containerId) ?? unknown,
  });
  let isLookingSoon: NodeJS.Timeout | undefined;
  const lookSoon = (): void => {
    isLookingSoon ??= setTimeout(() => {
      isLookingSoon = undefined;
      groups.look();
    }, settleMs);
  };
  const connector = await openConnector({
    ...{ onMessage: (message: ProcessMessage) => story.see(message), onLoss: lookSoon },
    ...(options.roomBytes === undefined ? {} : { roomBytes: options.roomBytes }),
  });
  const looking = setInterval(groups.look, lookEveryMs).unref();
  const tiers = reportTiers({ kind: "process-events", reason: options.reason, remedy: options.remedy });
  return {
    tiers,
    protections: reportProtections(tiers),
    onEvent: (handler) => void handlers.push(handler),
    onPacket: () => undefined,
    protect: (containerId, protection) => void protections.set(containerId, protection),
    protectUnknown(protection) {
      unknown = protection;
    },
    forget: (containerId) => void protections.delete(containerId),
    release: () => undefined,
    cutStreams: () => 0,
    containerOf: (cgroupId) => index.find(cgroupId),
    sees: index.has,
    counters: () => ({
      received: [...byKind.values()].reduce((sum, count) => sum + count, 0),
      dropped: connector.lost(),
      byKind: Object.fromEntries(byKind),
      packetsDropped: 0,
    }),
    close() {
      clearInterval(looking);
      clearTimeout(isLookingSoon);
      connector.close();
      return Promise.resolve();
    },
  };
}
