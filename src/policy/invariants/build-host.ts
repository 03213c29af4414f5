// Steps of a classic build run in containers that nobody creates by name; their options come with the build.

import { factSet, factText, type Invariant, listed } from "../invariant.ts";

const networks = ["default", "none", "named"];

export const buildHost: Invariant = {
  name: "build-host",
  summary: "builds with the host's network, a foreign network namespace, a cgroup parent or security options",
  grants: ["build.host"],
  applies: ({ action }) => action === "image.build",
  check(question) {
    const strange: string[] = [];
    const network = factText(question, "networkMode");
    if (!networks.includes(network)) strange.push(`--network ${network}`);
    if (factText(question, "cgroupParent") !== "") strange.push("--cgroup-parent");
    if (factSet(question, "securityOptions").length > 0) strange.push("--security-opt");
    if (strange.length === 0) return undefined;
    return { reason: `the build leaves its sandbox: ${listed(strange)}`, remedy: `remove ${strange.join(" and ")}` };
  },
};
