// The variables of the socket proxies and the actions behind each.
// Source: Tecnativa/docker-socket-proxy haproxy.cfg and its later haproxy.cfg.template; linuxserver/docker-socket-proxy
// root/templates/haproxy.cfg: each variable opens the paths that start with its section, for GET and HEAD; POST opens the
// other methods, in newer versions itself alone.

import type { Action } from "../../model/action.ts";
import type { Grant } from "../../model/grant.ts";
import { resourceTypes } from "../actions.ts";

export type Section = {
  readonly variable: string;
  readonly isOpenByDefault: boolean;
  readonly actions: readonly Action[];
  /** What the section is worthless without: its actions are invariants here. */
  readonly grants: readonly Grant[];
};

const swarmGrant: readonly Grant[] = ["engine.swarm"];

export const sections: readonly Section[] = [
  section("AUTH", ["system.auth"], ["engine.auth"]),
  section("BUILD", starting("image.build"), []),
  section("COMMIT", ["container.commit"], []),
  section("CONFIGS", starting("config."), swarmGrant),
  section("CONTAINERS", containerActions(), []),
  section("DISTRIBUTION", ["image.distribution"], []),
  { ...section("EVENTS", ["system.events"], []), isOpenByDefault: true },
  section("EXEC", ["exec.start", "exec.resize", "exec.inspect"], []),
  section("GRPC", ["system.grpc"], ["build.unrestricted"]),
  section("IMAGES", imageActions(), []),
  section("INFO", ["system.info"], []),
  section("NETWORKS", starting("network."), []),
  section("NODES", starting("node."), swarmGrant),
  { ...section("PING", ["system.ping"], []), isOpenByDefault: true },
  section("PLUGINS", starting("plugin."), ["engine.plugins"]),
  section("SECRETS", starting("secret."), swarmGrant),
  section("SERVICES", starting("service."), swarmGrant),
  section("SESSION", ["system.session"], ["build.unrestricted"]),
  section("SWARM", starting("swarm."), swarmGrant),
  section("SYSTEM", ["system.df"], []),
  section("TASKS", starting("task."), swarmGrant),
  { ...section("VERSION", ["system.version"], []), isOpenByDefault: true },
  section("VOLUMES", starting("volume."), []),
];

/** Finer switches; their actions belong to CONTAINERS too. */
export const exceptions: readonly Switch[] = [
  { variable: "ALLOW_RESTARTS", actions: ["container.stop", "container.restart", "container.kill"] },
  { variable: "ALLOW_START", actions: ["container.start"] },
  { variable: "ALLOW_STOP", actions: ["container.stop"] },
  { variable: "ALLOW_PAUSE", actions: ["container.pause"] },
  { variable: "ALLOW_UNPAUSE", actions: ["container.unpause"] },
];

type Switch = { readonly variable: string; readonly actions: readonly Action[] };

/** Methods that newer proxies open one by one; before, POST opened them all. Nothing of the engine's API is a PATCH. */
export const methods: readonly Switch[] = [
  { variable: "DELETE", actions: allActions().filter((action) => action.endsWith(".remove")) },
  { variable: "PATCH", actions: [] },
  { variable: "PUT", actions: ["container.archive.write", "volume.update"] },
];

/** What newer proxies keep shut in an open section. */
export const gated: readonly Switch[] = [
  { variable: "ALLOW_ARCHIVE", actions: ["container.archive.read", "container.archive.write"] },
  { variable: "ALLOW_ATTACH", actions: ["container.attach"] },
  { variable: "ALLOW_EXEC", actions: ["exec.create"] },
  { variable: "ALLOW_EXPORT", actions: ["container.export"] },
  { variable: "ALLOW_KILL", actions: ["container.kill"] },
  { variable: "ALLOW_LOGS", actions: ["container.logs"] },
];

/**
 * What GET and HEAD can do. Attaching is not in it: one of its two routes is a GET, and writes to the container's standard
 * input all the same.
 */
export const readingActions: ReadonlySet<Action> = new Set<Action>([
  ...allActions().filter((action) => /\.(list|inspect|logs)$/.test(action)),
  "container.archive.read",
  "container.changes",
  "container.export",
  "container.stats",
  "container.top",
  "image.distribution",
  "image.history",
  "image.save",
  "image.search",
  "plugin.privileges",
  "swarm.unlockkey",
  "system.df",
  "system.events",
  "system.info",
  "system.ping",
  "system.version",
]);

function section(variable: string, actions: readonly Action[], grants: readonly Grant[]): Section {
  return { variable, isOpenByDefault: false, actions, grants };
}

function containerActions(): readonly Action[] {
  const elsewhere: readonly Action[] = ["container.commit"];
  return [...starting("container.").filter((action) => !elsewhere.includes(action)), "exec.create"];
}

function imageActions(): readonly Action[] {
  const elsewhere: readonly Action[] = ["image.distribution", ...starting("image.build")];
  return starting("image.").filter((action) => !elsewhere.includes(action));
}

function starting(prefix: string): readonly Action[] {
  return allActions().filter((action) => action.startsWith(prefix));
}

function allActions(): readonly Action[] {
  return Object.keys(resourceTypes).filter((name): name is Action => Object.hasOwn(resourceTypes, name));
}
