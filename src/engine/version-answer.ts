// What GET /version says an engine is made of. Source: Docker Engine API v1.51, SystemVersion, "Components".

import { listAt, textAt } from "../base/reading.ts";

/** `Engine`, `containerd`, `runc`; `Podman Engine`. */
export function componentNames(version: unknown): readonly string[] {
  return listAt(version, "Components").map((component) => textAt(component, "Name"));
}
