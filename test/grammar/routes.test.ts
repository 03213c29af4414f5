import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bodySchemas } from "../../src/engine/body-schema.ts";
import { matchRoute, routes } from "../../src/engine/routes.ts";

// image.import is a variant of pull; container.watch and image.admit are what the gate asks beside a create.
test("every action but the variants has a route, and every route an action", () => {
  const known = [...readFileSync("src/model/action.ts", "utf8").matchAll(/\| "([a-z]+\.[a-z.]+)"/g)].map(
    ([, name]) => name,
  );
  const routed = new Set<string | undefined>(routes.map((route) => route.action));
  assert.deepEqual(
    known.filter((name) => !routed.has(name)),
    ["container.watch", "image.import", "image.admit"],
  );
});

test("every JSON body has a schema, every schema a route", () => {
  const used = new Set(routes.flatMap((route) => (route.body.kind === "json" ? [route.body.schema] : [])));
  assert.deepEqual([...used].sort(), Object.keys(bodySchemas).sort());
});

test("each route is found under its own path, and names its resource by a parameter of that path", () => {
  const lost = routes.filter((route) => {
    const found = matchRoute(
      route.method,
      route.path
        .replace(/\{[a-z]+\}/g, "some-name")
        .slice(1)
        .split("/"),
    );
    const isNamed = route.resourceParam === undefined || route.path.includes(`{${route.resourceParam}}`);
    return found?.route !== route || !isNamed;
  });
  assert.deepEqual(
    lost.map((route) => route.id),
    [],
  );
});

test("names that span segments end where the engine's router ends them", () => {
  const match = (method: string, path: string): unknown => {
    const found = matchRoute(method, path.split("/"));
    return found === undefined ? undefined : [found.route.id, found.params];
  };
  assert.deepEqual(
    [
      match("GET", "images/r.io/a/b/json"),
      match("GET", "images/get"),
      match("GET", "images/get/get"),
      match("DELETE", "images/a/json"),
      match("GET", "plugins/privileges"),
      match("GET", "plugins/a/b/json"),
      match("GET", "distribution/a/b/json"),
      match("GET", "images/json/attestations"),
      match("POST", "containers/create/start"),
      match("DELETE", "containers/a/checkpoints/b"),
      match("GET", "images/a"),
      match("GET", ""),
      match("GET", "images"),
    ],
    [
      ["ImageInspect", { name: "r.io/a/b" }],
      ["ImageGetAll", {}],
      ["ImageGet", { name: "get" }],
      ["ImageDelete", { name: "a/json" }],
      ["GetPluginPrivileges", {}],
      ["PluginInspect", { name: "a/b" }],
      ["DistributionInspect", { name: "a/b" }],
      ["ImageAttestations", { name: "json" }],
      ["ContainerStart", { id: "create" }],
      ["CheckpointDelete", { checkpoint: "b", id: "a" }],
      undefined,
      undefined,
      undefined,
    ],
  );
});

test("what is not in the table does not exist", () => {
  const strangers: readonly (readonly [string, string])[] = [
    ["GET", "constructor"],
    ["GET", "__proto__"],
    ["__proto__", "containers/json"],
    ["GET", "containers/a/constructor"],
    ["POST", "containers/a/copy"],
    ["GET", "containers/json/x/y/z"],
  ];
  assert.deepEqual(
    strangers.filter(([method, path]) => matchRoute(method, path.split("/")) !== undefined),
    [],
  );
});
