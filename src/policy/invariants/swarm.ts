// A service is a container that another part of the API creates, without the checks of containers/create;
// swarm, node, secret and config calls hand out join tokens and other owners' secrets.

import type { Invariant } from "../invariant.ts";

const prefixes = ["swarm.", "node.", "service.", "task.", "secret.", "config."];

export const swarm: Invariant = {
  name: "swarm",
  summary: "swarm mode: services, tasks, nodes, secrets and configs",
  grants: ["engine.swarm"],
  applies: ({ action }) => prefixes.some((prefix) => action.startsWith(prefix)),
  check: () => ({
    reason: "swarm mode starts containers and shows secrets past the checks of this gate",
    remedy: "use containers instead of services",
  }),
};
