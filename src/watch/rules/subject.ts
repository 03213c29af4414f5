// What a rule judges: one event, who did it, and in which container.

import type { KernelEvent, WatchedContainer } from "../../model/watch.ts";
import type { TreeProcess } from "../process-tree/process-tree.ts";
import type { OpenFlags } from "./open-flags.ts";

export type Subject = {
  readonly event: KernelEvent;
  readonly process: TreeProcess;
  /** Undefined on the host. */
  readonly container: WatchedContainer | undefined;
  /** Of the process that it was done to; undefined where there is none, or it lives on the host. */
  readonly targetContainer: WatchedContainer | undefined;
  /** What a descriptor of the process is open on: asked for by few rules, so only looked up then. */
  readonly descriptor: (fd: number) => string;
  /** What several rules ask for and takes work to find: found once. */
  readonly found: Findings;
};

export type Findings = {
  command?: string;
  flags?: OpenFlags;
  ancestors?: readonly TreeProcess[];
};
