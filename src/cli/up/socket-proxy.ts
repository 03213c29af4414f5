// In place of a socket proxy: its variables become a policy set beside baseline, enforced as the proxy did. A configuration
// file says everything itself: beside one the variables count for nothing.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { socketProxyPolicies } from "../../policy/compatibility/socket-proxy.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Terminal } from "../terminal.ts";

export type JudgedConfiguration = { readonly configuration: Configuration; readonly remove: () => void };

/** Writes the set into the runtime folder, where operators can read what judges. */
export function withSocketProxy(configuration: Configuration, stderr: Terminal): JudgedConfiguration {
  const variables = Object.entries(configuration.socketProxy);
  if (configuration.file !== "" || variables.length === 0) return { configuration, remove: () => undefined };
  const { file, text } = socketProxyPolicies(configuration.socketProxy);
  const path = join(configuration.runtimeFolder, file);
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
