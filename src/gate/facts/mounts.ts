// What a container mounts: host paths, volumes, drivers, in all the ways that the API has for it.
// Source: Engine API, ContainerCreate: HostConfig.Binds, HostConfig.Mounts, Volumes, HostConfig.VolumeDriver.

import { isTrueAt, textAt, textMapAt, textsAt } from "../../base/reading.ts";
import type { ContainerFacts } from "../../model/facts.ts";
import type { JsonObject } from "../../model/json.ts";
import type { KnownFacts } from "../call.ts";
import { objectIn } from "../references/edit-json.ts";
import { reachesProtected } from "../references/protected-paths.ts";
import { objectsOf, sortedSet } from "./values.ts";
import { type DriverUse, driverUse } from "./volume-driver.ts";

export type MountFacts = Pick<
  ContainerFacts,
  "hostBinds" | "hostBindsWritable" | "hostBindsMissing" | "bindsEngine" | "volumes" | "volumeDrivers"
>;

/** One thing that is mounted: a host path, a volume, or both when a volume's options bind a path. */
type Mount = {
  readonly source: string;
  readonly isBind: boolean;
  readonly isReadOnly: boolean;
  readonly driver?: DriverUse;
};

export function mountFacts(body: JsonObject, known: KnownFacts): MountFacts {
  const host = objectIn(body, "HostConfig");
  const mounts = [...bindsOf(host), ...mountsOf(host)].flatMap((mount) => [mount, ...boundBy(mount, known)]);
  const binds = mounts.filter((mount) => mount.isBind);
  const pathOf = (mount: Mount): string => known.realPaths[mount.source] ?? mount.source;
  const hostBinds = sortedSet(binds.map(pathOf));
  const named = mounts.filter((mount) => !mount.isBind);
  const driver = textAt(host, "VolumeDriver");
  return {
    hostBinds,
    hostBindsWritable: sortedSet(binds.filter((mount) => !mount.isReadOnly).map(pathOf)),
    hostBindsMissing: binds.some((mount) => known.realPaths[mount.source] === undefined),
    bindsEngine: hostBinds.some((path) => reachesProtected(path, known.protectedPaths)),
    volumes: sortedSet(named.map((mount) => mount.source).filter((name) => name !== "")),
    volumeDrivers: sortedSet([
      ...mounts.flatMap((mount) => (mount.driver === undefined ? [] : [mount.driver.kind])),
      ...named.flatMap((mount) => existingDriver(mount, known)),
      ...(driver === "" || driver === "local" ? [] : [`plugin:${driver}`]),
    ]),
  };
}

/** `SOURCE:TARGET[:OPTIONS]`; a single path is an anonymous volume. */
function bindsOf(host: JsonObject): readonly Mount[] {
  return textsAt(host, "Binds").flatMap((bind) => {
    const [source = "", target, options = ""] = bind.split(":");
    if (target === undefined) return [];
    return [{ source, isBind: source.startsWith("/"), isReadOnly: options.split(",").includes("ro") }];
  });
}

function mountsOf(host: JsonObject): readonly Mount[] {
  return objectsOf(host["Mounts"]).map((mount) => {
    const type = textAt(mount, "Type");
    const driver = driverUse(
      textAt(mount, "VolumeOptions", "DriverConfig", "Name"),
      textMapAt(mount, "VolumeOptions", "DriverConfig", "Options"),
    );
    return {
      source: textAt(mount, "Source"),
      // Types that are neither known nor harmless are taken for the worst.
      isBind: !["volume", "tmpfs", "image", "cluster"].includes(type),
      isReadOnly: isTrueAt(mount, "ReadOnly"),
      ...(type === "volume" ? { driver } : {}),
      // A volume of the swarm: what is mounted is for a plugin of the node to say, whatever the call says of drivers.
      ...(type === "cluster" ? { driver: { ...driver, kind: "cluster" } } : {}),
    };
  });
}

/** The host path that a volume's options bind, of an inline driver and of a volume that exists. */
function boundBy(mount: Mount, known: KnownFacts): readonly Mount[] {
  const existing = mount.isBind ? undefined : known.volumeOptions[mount.source];
  const uses = [mount.driver, existing === undefined ? undefined : driverUse("local", existing)];
  return uses.flatMap((use) =>
    use?.binds === undefined
      ? []
      : [{ source: use.binds, isBind: true, isReadOnly: mount.isReadOnly || use.isReadOnly }],
  );
}

function existingDriver(mount: Mount, known: KnownFacts): readonly string[] {
  const options = known.volumeOptions[mount.source];
  return options === undefined ? [] : [driverUse("local", options).kind];
}
