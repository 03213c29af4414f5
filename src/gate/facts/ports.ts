// Host ports that a container publishes, `0.0.0.0:81/tcp`.
// Source: Engine API, PortMap; a HostPort may be a range, and "" or 0 lets the engine choose.

import { textAt } from "../../base/reading.ts";
import type { JsonObject } from "../../model/json.ts";
import { objectIn } from "../references/edit-json.ts";
import { objectsOf, sortedSet } from "./values.ts";

export function publishedPorts(host: JsonObject): readonly string[] {
  const bindings = objectIn(host, "PortBindings");
  return sortedSet(
    Object.entries(bindings).flatMap(([port, list]) => {
      const protocol = port.split("/")[1] ?? "tcp";
      return objectsOf(list).map((binding) => {
        const address = textAt(binding, "HostIp") || "0.0.0.0";
        return `${address}:${textAt(binding, "HostPort") || "0"}/${protocol}`;
      });
    }),
  );
}

/** True when any published port, or the beginning of a range, lies between 1 and 1023; what is no number counts as well. */
export function publishesPrivilegedPort(ports: readonly string[]): boolean {
  return ports.some((port) => {
    const number = Number(/:(\d+)(?:-\d+)?\/\w+$/.exec(port)?.[1] ?? "1");
    return number > 0 && number < 1024;
  });
}
