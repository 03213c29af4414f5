// What an engine holds, so that a test can say "no object was left behind" and put everything back.

import { request } from "./http.ts";
import { at, listAt } from "./json.ts";

/** `container:ID`, `image:ID`, `tag:REF`, `volume:NAME`, `network:ID`, `plugin:ID`, `service:ID`, `secret:ID`, `config:ID`, `swarm:active`. */
export type Snapshot = ReadonlySet<string>;

export async function takeSnapshot(socket: string): Promise<Snapshot> {
  const get = async (path: string): Promise<unknown> => (await request(socket, "GET", path)).json;
  const [containers, images, volumes, networks, plugins, swarm] = await Promise.all(
    ["/containers/json?all=1", "/images/json", "/volumes", "/networks", "/plugins", "/swarm"].map(get),
  );
  const ids = (kind: string, list: readonly unknown[], key = "Id") => list.map((item) => `${kind}:${at(item, key)}`);
  const tags = listAt(images).flatMap((image) => listAt(image, "RepoTags"));
  return new Set([
    ...ids("container", listAt(containers)),
    ...ids("image", listAt(images)),
    ...tags.filter((tag) => tag !== "<none>:<none>").map((tag) => `tag:${tag}`),
    ...ids("volume", listAt(volumes, "Volumes"), "Name"),
    ...ids("network", listAt(networks)),
    ...ids("plugin", listAt(plugins)),
    ...(at(swarm, "ID") === undefined ? [] : await swarmObjects(get)),
  ]);
}

/** What `now` has and `before` had not. */
export function added(before: Snapshot, now: Snapshot): readonly string[] {
  return [...now].filter((object) => !before.has(object)).sort();
}

/** Removes everything that was made since; dependants first. */
export async function restore(socket: string, before: Snapshot): Promise<void> {
  const paths: Readonly<Record<string, (name: string) => string>> = {
    service: (name) => `/services/${name}`,
    swarm: () => "/swarm/leave?force=1",
    container: (name) => `/containers/${name}?force=1&v=1`,
    plugin: (name) => `/plugins/${name}?force=1`,
    tag: (name) => `/images/${name}?force=1`,
    image: (name) => `/images/${name}?force=1`,
    volume: (name) => `/volumes/${name}?force=1`,
    network: (name) => `/networks/${name}`,
  };
  const extra = added(before, await takeSnapshot(socket));
  for (const [kind, path] of Object.entries(paths)) {
    for (const object of extra.filter((name) => name.startsWith(`${kind}:`))) {
      await request(socket, kind === "swarm" ? "POST" : "DELETE", path(object.slice(kind.length + 1)));
    }
  }
}

async function swarmObjects(get: (path: string) => Promise<unknown>): Promise<readonly string[]> {
  const kinds = ["service", "secret", "config"];
  const lists = await Promise.all(
    kinds.map(async (kind) => listAt(await get(`/${kind}s`)).map((item) => `${kind}:${at(item, "ID")}`)),
  );
  return ["swarm:active", ...lists.flat()];
}
