// In place of a socket proxy: its variables become a policy set beside baseline, enforced as the proxy did. A configuration
// file says everything itself: beside one the variables count for nothing.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { socketProxyPolicies } from "../../policy/compatibility/socket-proxy.ts";
import type { CommandContext } from "../command.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { unreadProxyVariables } from "../configuration/socket-proxy.ts";

export type JudgedConfiguration = { readonly configuration: Configuration; readonly remove: () => void };

/** Writes the set into the runtime folder, where operators can read what judges. */
export function withSocketProxy(configuration: Configuration, context: CommandContext): JudgedConfiguration {
  const { stderr } = context;
  const variables = Object.entries(configuration.socketProxy);
  const path = join(configuration.runtimeFolder, socketProxyFile);
  // One that was killed could not remove its own.
  rmSync(path, { force: true });
  if (configuration.file !== "") return { configuration, remove: () => undefined };
  const unread = unreadProxyVariables(context.environment);
  if (unread.length > 0) stderr.write(`${tellUnread(unread)}\n`);
  if (variables.length === 0) return { configuration, remove: () => undefined };
  const { text } = socketProxyPolicies(configuration.socketProxy);
  writeFileSync(path, text, { mode: 0o644 });
  const listeners = configuration.listeners.map((listener) => ({
    ...listener,
    mode: listener.mode === "auto" ? ("enforce" as const) : listener.mode,
    policies: [...listener.policies, path],
  }));
  const found = variables.map(([name, value]) => `${name}=${value}`).join(" ");
  stderr.write(
    `plimsoll: variables of a socket proxy (${found}) are enforced beside baseline; plimsoll policy show explains them\n`,
  );
  return { configuration: { ...configuration, listeners }, remove: () => rmSync(path, { force: true }) };
}

/** In the runtime folder. */
export const socketProxyFile = "socket-proxy.cedar";

export function tellUnread(variables: readonly string[]): string {
  return `plimsoll: variables of a socket proxy that are not read, and open or close nothing: ${variables.join(" ")}`;
}
