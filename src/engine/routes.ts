// Every call of the engine's API as one table, and the way from a path to its row. A call that is not here does not exist.

import type { DescribedRoute, Meaning, UndescribedRoute } from "./meaning.ts";
import { containerMeanings, undescribedContainerRoutes } from "./meanings/containers.ts";
import { imageMeanings } from "./meanings/images.ts";
import { networkMeanings, volumeMeanings } from "./meanings/networks-volumes.ts";
import { pluginMeanings } from "./meanings/plugins.ts";
import { swarmMeanings } from "./meanings/swarm.ts";
import { libpodRoutes, systemMeanings, undescribedSystemRoutes } from "./meanings/system.ts";
import type { Route } from "./route.ts";
import { addRoute, emptyTree, findRoute, type MatchedRoute } from "./route-tree.ts";
import { describedRoutes } from "./routes.generated.ts";

export type { MatchedRoute } from "./route-tree.ts";

const meanings: Readonly<Record<string, Meaning>> = {
  ...containerMeanings,
  ...imageMeanings,
  ...networkMeanings,
  ...pluginMeanings,
  ...swarmMeanings,
  ...systemMeanings,
  ...volumeMeanings,
};

const undescribed: readonly UndescribedRoute[] = [
  ...undescribedContainerRoutes,
  ...undescribedSystemRoutes,
  ...libpodRoutes,
];

export const routes: readonly Route[] = [
  ...describedRoutes.map((route) => toRoute(route, meaningOf(route))),
  ...undescribed.map((route) => toRoute(route, route)),
];

const pull = routeById("ImageCreate");
const start = routeById("ContainerStart");
const imageImport: Route = {
  ...pull,
  id: "ImageImport",
  action: "image.import",
  body: { kind: "tar", content: "filesystem" },
};
const startFromCheckpoint: Route = { ...start, id: "ContainerRestore", action: "container.checkpoint" };

const trees: ReadonlyMap<string, ReturnType<typeof emptyTree>> = plantTrees();

/**
 * The call that a path means, as the engine's own router would find it.
 * @param segments decoded path segments without the version
 */
export function matchRoute(method: string, segments: readonly string[]): MatchedRoute | undefined {
  const tree = trees.get(method);
  return tree === undefined ? undefined : findRoute(tree, segments);
}

/**
 * Calls that are two: an import is a pull without an image to pull, a start from a checkpoint reads a folder of the host.
 * @param query parameters that are there and not empty
 */
export function variantOf(route: Route, query: Readonly<Record<string, unknown>>): Route {
  if (route === pull) return query["fromImage"] === undefined ? imageImport : route;
  if (route !== start) return route;
  return query["checkpoint"] === undefined && query["checkpoint-dir"] === undefined ? route : startFromCheckpoint;
}

function routeById(id: string): Route {
  const route = routes.find((candidate) => candidate.id === id);
  if (route === undefined) throw new TypeError(`no route ${id}`);
  return route;
}

function meaningOf(route: DescribedRoute): Meaning {
  const meaning = meanings[route.id];
  if (meaning === undefined) throw new TypeError(`no meaning for the route ${route.id}`);
  return meaning;
}

function toRoute(route: DescribedRoute, meaning: Meaning): Route {
  return {
    id: route.id,
    method: route.method,
    path: route.path,
    ...(route.since === undefined ? {} : { since: route.since }),
    ...(route.until === undefined ? {} : { until: route.until }),
    surface: route.path.startsWith("/libpod/") ? "libpod" : "docker",
    action: meaning.action,
    resource: meaning.resource,
    ...(meaning.param === undefined ? {} : { resourceParam: meaning.param }),
    query: Object.assign(Object.create(null), route.query, meaning.query),
    body: meaning.body ?? { kind: "none" },
    response: { kind: meaning.response ?? "json" },
  };
}

function plantTrees(): ReadonlyMap<string, ReturnType<typeof emptyTree>> {
  const planted = new Map<string, ReturnType<typeof emptyTree>>();
  for (const route of routes) {
    const tree = planted.get(route.method) ?? emptyTree();
    planted.set(route.method, tree);
    addRoute(tree, route);
  }
  return planted;
}
