// The local driver mounts whatever its options say: overlay over host folders, the host's proc, cgroups, block devices, NFS.
// Plain volumes and tmpfs pass; `local:bind` counts as a host bind and is judged there. `cluster`, a volume of the swarm, is
// mounted by a plugin of the node.

import { factSet, factText, type Invariant, listed } from "../invariant.ts";

const known = ["", "local", "local:tmpfs", "local:bind"];

export const volumeDriver: Invariant = {
  name: "volume-driver",
  summary: "volume drivers and driver options beside plain local volumes and tmpfs",
  grants: ["volume.driver-options"],
  applies: ({ action }) => action === "container.create" || action === "volume.create",
  check(question) {
    const drivers =
      question.action === "volume.create" ? [factText(question, "driver")] : factSet(question, "volumeDrivers");
    const strange = drivers.filter((driver) => !known.includes(driver));
    if (strange.length === 0) return undefined;
    return {
      reason: `the volume driver ${listed(strange)} mounts what the host can mount`,
      remedy: "remove the volume's driver options",
    };
  },
};
