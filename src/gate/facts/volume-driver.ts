// What a volume driver with its options does to the host, as a fact.

import { describeDriver, isBindMount } from "../references/local-driver.ts";

export type DriverUse = {
  /** `local`, `local:tmpfs`, `local:bind`, `local:OTHER-TYPE`, `plugin:NAME`, `cluster`. */
  readonly kind: string;
  /** The host path that it binds. */
  readonly binds?: string;
  readonly isReadOnly: boolean;
};

export function driverUse(name: string, options: Readonly<Record<string, string>>): DriverUse {
  const kind = describeDriver(name, options);
  const isReadOnly = (options["o"] ?? "").split(",").some((word) => word.trim() === "ro");
  const isLocal = name === "" || name === "local";
  return isLocal && isBindMount(options) ? { kind, binds: options["device"] ?? "", isReadOnly } : { kind, isReadOnly };
}
