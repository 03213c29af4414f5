// What can be done about an alert. One file a response in responses/; each does its work and says in one clause what was done.

import type { Plugin } from "../base/plugin.ts";
import type { EngineClient } from "../engine/engine.ts";
import type { Alert, ContainerPlace, KernelEvent } from "../model/watch.ts";

export type ResponseTarget = {
  readonly alert: Alert;
  /** Undefined on the host: most responses then refuse. */
  readonly place: ContainerPlace | undefined;
};

export type ResponseTools = {
  readonly engine: EngineClient;
  /** What this container did last, oldest first. */
  lastEvents(containerId: string): readonly KernelEvent[];
  /** The file that an event is about, open, where somebody kept it; the caller does not close it. */
  fileOf?(event: KernelEvent): number | undefined;
  readonly evidenceFolder: string;
  /** Most bytes of one archive. */
  readonly evidenceMaxBytes: number;
};

export interface Response extends Plugin {
  /** @returns what was done, one clause @throws Error why it could not be done */
  act(target: ResponseTarget, tools: ResponseTools): Promise<string>;
}

/** @throws Error when it was done on the host */
export function containerOf({ place }: ResponseTarget): ContainerPlace {
  if (place === undefined) throw new Error("it was not done in a container");
  return place;
}
