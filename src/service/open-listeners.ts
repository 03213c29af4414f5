// Opens listeners as the configuration has them, and takes them back with everything else that was started.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Configuration, ListenerConfiguration } from "../cli/configuration/configuration.ts";
import type { RunningListener } from "../cli/service.ts";
import type { ListenerOptions, OnExchange } from "../gate/listener.ts";
import { openListener } from "../gate/open-listener.ts";
import { toAddress, toListenerOptions, toProfile } from "./profiles.ts";

export type Opening = Pick<ListenerOptions, "engineHeaders" | "onMalformed"> & {
  readonly configuration: Configuration;
  /** Sockets from systemd, by name. */
  readonly inherited: ReadonlyMap<string, number>;
  readonly isManaged: boolean;
  readonly engineSocket: string;
  readonly onExchange: OnExchange;
};

/** Authorization-plugin listeners apart: they have to be there before the engine is asked anything. */
export function byTransport({
  listeners,
}: Configuration): Readonly<Record<"plugins" | "others", ListenerConfiguration[]>> {
  const isPlugin = ({ endpoint }: ListenerConfiguration): boolean => endpoint.transport === "authz-plugin";
  return { plugins: listeners.filter(isPlugin), others: listeners.filter((listener) => !isPlugin(listener)) };
}

/** @throws PlimsollError LISTEN_FAILED, CONFIG_INVALID */
export async function openAll(
  chosen: readonly ListenerConfiguration[],
  started: AsyncDisposableStack,
  opening: Opening,
): Promise<readonly RunningListener[]> {
  const running: RunningListener[] = [];
  for (const listener of chosen) {
    const profile = toProfile(listener, opening.isManaged);
    const options = optionsFor(listener, opening);
    if (options.path !== undefined) mkdirSync(dirname(options.path), { recursive: true, mode: 0o755 });
    const open = await openListener(profile, options, opening.onExchange);
    started.defer(() => open.close());
    const address = toAddress(listener, open.address);
    running.push({ name: profile.name, address, mode: profile.mode, policies: profile.policies });
  }
  return running;
}

function optionsFor(listener: ListenerConfiguration, opening: Opening): ListenerOptions {
  const { configuration, engineSocket, inherited, engineHeaders, onMalformed } = opening;
  return {
    ...toListenerOptions(listener, configuration, engineSocket, inherited),
    ...(engineHeaders === undefined ? {} : { engineHeaders }),
    ...(onMalformed === undefined ? {} : { onMalformed }),
  };
}
