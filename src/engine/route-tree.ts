// Paths as a tree: one look-up per segment. Names of images, plugins and Podman's paths may span segments (greedy).
// Source: moby/moby, daemon/server/router/*: `{name:.*}`; a literal route is registered before a greedy one.

import type { Route } from "./route.ts";

export type MatchedRoute = { readonly route: Route; readonly params: Readonly<Record<string, string>> };

export type RouteTree = {
  route: Route | undefined;
  readonly literals: Map<string, RouteTree>;
  /** One segment of any text. */
  wildcard: { readonly name: string; readonly tree: RouteTree } | undefined;
  /** One segment or more; the key is what follows them, "" for nothing. */
  readonly greedy: Map<string, { readonly name: string; readonly route: Route }>;
};

const greedyPaths = ["/images/{name}", "/plugins/{name}", "/distribution/{name}", "/libpod/{path}"];

export function emptyTree(): RouteTree {
  return { route: undefined, literals: new Map(), wildcard: undefined, greedy: new Map() };
}

export function addRoute(tree: RouteTree, route: Route): void {
  const segments = route.path.slice(1).split("/");
  const isGreedy = greedyPaths.some((path) => route.path === path || route.path.startsWith(`${path}/`));
  let here = tree;
  for (const [at, segment] of segments.entries()) {
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name !== undefined && isGreedy) {
      here.greedy.set(segments.slice(at + 1).join("/"), { name, route });
      return;
    }
    here = name === undefined ? literalChild(here, segment) : wildcardChild(here, name);
  }
  here.route = route;
}

/** Literals win over names, as they do in the engine; what a literal cannot finish is tried as a name. */
export function findRoute(tree: RouteTree, segments: readonly string[], at = 0): MatchedRoute | undefined {
  const segment = segments[at];
  if (segment === undefined) return tree.route === undefined ? undefined : { route: tree.route, params: noParams };
  const literal = tree.literals.get(segment);
  const found = literal === undefined ? undefined : findRoute(literal, segments, at + 1);
  if (found !== undefined) return found;
  if (tree.wildcard !== undefined) {
    const deeper = findRoute(tree.wildcard.tree, segments, at + 1);
    if (deeper !== undefined)
      return { route: deeper.route, params: { ...deeper.params, [tree.wildcard.name]: segment } };
  }
  return tree.greedy.size === 0 ? undefined : findGreedy(tree, segments, at);
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** The last segment decides first (`/images/a/json`), then the name that is nothing but a name (`DELETE /images/a`). */
function findGreedy(tree: RouteTree, segments: readonly string[], at: number): MatchedRoute | undefined {
  const last = segments.length - 1;
  const suffixed = last > at ? tree.greedy.get(segments[last] ?? "") : undefined;
  if (suffixed !== undefined) return greedyMatch(suffixed, segments.slice(at, last));
  const whole = tree.greedy.get("");
  return whole === undefined ? undefined : greedyMatch(whole, segments.slice(at));
}

function greedyMatch(
  found: { readonly name: string; readonly route: Route },
  segments: readonly string[],
): MatchedRoute {
  return { route: found.route, params: { [found.name]: segments.join("/") } };
}

function literalChild(tree: RouteTree, segment: string): RouteTree {
  const known = tree.literals.get(segment);
  if (known !== undefined) return known;
  const child = emptyTree();
  tree.literals.set(segment, child);
  return child;
}

function wildcardChild(tree: RouteTree, name: string): RouteTree {
  if (tree.wildcard !== undefined) return tree.wildcard.tree;
  const child = emptyTree();
  tree.wildcard = { name, tree: child };
  return child;
}
