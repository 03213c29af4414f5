// A root that nobody writes: what has to be written lies in tmpfs that executes nothing, is no device and gives no identity.

import { fieldsAt, isTrueAt, listAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Control } from "../control.ts";
import { hostConfigOf, unchanged, withHostConfig } from "../request.ts";

const tmpfsOptions = "rw,noexec,nosuid,nodev";

export const readOnlyRoot: Control = {
  name: "read-only-root",
  summary: "nobody writes the root file system",
  needs: {},
  harden(request, { readOnlyRoot: wanted, name }) {
    if (wanted === undefined) return unchanged(request);
    const host = hostConfigOf(request);
    const mounted = mountedPaths(host, request);
    const added = wanted.writable.filter((path) => !mounted.has(path));
    const tmpfs = { ...textMapAt(host, "Tmpfs"), ...Object.fromEntries(added.map((path) => [path, tmpfsOptions])) };
    return {
      request: withHostConfig(request, {
        ReadonlyRootfs: true,
        ...(Object.keys(tmpfs).length > 0 ? { Tmpfs: tmpfs } : {}),
      }),
      changes: isTrueAt(host, "ReadonlyRootfs") ? [] : [`root file system is read-only (profile ${name})`],
    };
  },
};

/** Where the caller mounts something already: a volume at a writable path is kept. */
function mountedPaths(host: JsonObject, request: JsonObject): ReadonlySet<string> {
  const binds = textsAt(host, "Binds").map((bind) => bind.split(":")[1] ?? "");
  const mounts = listAt(host, "Mounts").map((mount) => textAt(mount, "Target"));
  return new Set([
    ...binds,
    ...mounts,
    ...Object.keys(fieldsAt(host, "Tmpfs")),
    ...Object.keys(fieldsAt(request, "Volumes")),
  ]);
}
