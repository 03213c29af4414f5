// The facts of an ordinary call (`docker run alpine`), from which policy tests and examples say how theirs differs.

import type { FactValue } from "../model/facts.ts";
import type { FactType, PolicySchema } from "./schema.ts";

const usual: Readonly<Record<string, FactValue>> = {
  listener: "default",
  transport: "unix",
  apiVersion: "1.41",
  pidMode: "private",
  ipcMode: "private",
  networkMode: "default",
  utsMode: "private",
  cgroupnsMode: "private",
  usernsMode: "private",
  seccomp: "default",
  apparmor: "default",
  selinux: "default",
  restartPolicy: "no",
  runsAsRoot: true,
  image: "alpine:3",
  registry: "docker.io",
  protection: "drift",
  level: "off",
  scanned: true,
  trust: "unknown",
  origin: "registry",
  signedDaysAgo: -1,
  ageDays: 7,
  dataAgeHours: 6,
};

const drivers: Readonly<Record<string, string>> = { "volume.create": "local", "network.create": "bridge" };

const empty: Readonly<Record<FactType, FactValue>> = { Bool: false, Long: 0, String: "", Set: [] };

/** Every fact that the schema wants of an action; empty for an action that it does not know. */
export function usualFacts(action: string, schema: PolicySchema): Readonly<Record<string, FactValue>> {
  const facts = [...(schema.actions.get(action)?.facts ?? [])];
  const driver = drivers[action];
  return {
    ...Object.fromEntries(facts.map(([name, type]) => [name, usual[name] ?? empty[type]])),
    ...(driver === undefined ? {} : { driver }),
  };
}
