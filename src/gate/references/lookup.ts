// Asks the engine what a name means. Names are remembered only while the engine's events are listened to; ids, which never
// come to mean something else, for longer.

import { listAt, textAt } from "../../base/reading.ts";
import type { EngineClient } from "../../engine/engine.ts";
import type { Action } from "../../model/action.ts";
import type { OwnershipLedger } from "../../model/ledger.ts";
import type { Owned } from "../../policy/ownership.ts";
import { type TidyTimes, tidyLedger } from "../ownership/tidy-ledger.ts";
import { type EngineEvent, listenToEngine } from "./engine-events.ts";
import {
  type FoundContainer,
  type FoundImage,
  type FoundNetwork,
  type FoundSwarmThing,
  type FoundVolume,
  readImage,
  readNetwork,
  readSwarmThing,
  readVolume,
} from "./found.ts";
import { createContainerLookup } from "./look-up-container.ts";
import { createNameCache, type NameCache } from "./name-cache.ts";
import { isContainerName, isExecId, isImageText, isPathSegment, isVolumeName } from "./name-shapes.ts";
import { notAmbiguous } from "./not-ambiguous.ts";
import { defaultProtectedPaths, resolveAll } from "./protected-paths.ts";
import { createSightings, type SeenType, type Sightings } from "./sightings.ts";

export type SwarmKind = "services" | "tasks" | "nodes" | "secrets" | "configs";

export type Labels = Readonly<Record<string, string>>;

export interface Lookup {
  readonly ledger: OwnershipLedger;
  /** Paths that no container may bind, with what they are links to. */
  protectedPaths(): Promise<readonly string[]>;
  /** By name, full id or the beginning of an id. */
  container(name: string): Promise<FoundContainer | undefined>;
  /** By name, id or the beginning of an id. */
  image(name: string): Promise<FoundImage | undefined>;
  /** What the name means, if that is known without asking: the same object as long as nothing changed. */
  knownImage(name: string): FoundImage | undefined;
  /** While it stays the same, names of images mean what they meant; undefined when nobody can tell. */
  imagesGeneration(): number | undefined;
  /** Full ids of all local images that are more than a step of a build, newest first. */
  imageIds(): Promise<readonly string[]>;
  /** Every local image with a tag in the repository, `docker.io/library/a`. */
  imagesOf(repository: string): Promise<readonly FoundImage[]>;
  /** By name, full id or the beginning of an id; among networks of one name the owner's own comes first. */
  network(name: string, owner: string): Promise<FoundNetwork | undefined>;
  volume(name: string): Promise<FoundVolume | undefined>;
  /** The container that an exec (full id) runs in. */
  execContainer(id: string): Promise<FoundContainer | undefined>;
  swarmThing(kind: SwarmKind, name: string): Promise<FoundSwarmThing | undefined>;
  hasPlugin(name: string): Promise<boolean>;
  /** Labels of an image by its full id; undefined when the image is gone. */
  imageLabels(id: string): Promise<Labels | undefined>;
  /** Makes a volume, or finds the one that has the name. */
  createVolume(volume: NewVolume): Promise<FoundVolume>;
  /** Names of the volumes that a container mounts. */
  volumesOf(containerId: string): Promise<readonly string[]>;
  /** Whose a thing was when it was last looked at; undefined when it never was. */
  seen(type: SeenType, id: string): Owned | undefined;
  /** The gate knows whose a thing is before it can be looked at. */
  note(type: SeenType, id: string, owned: Owned): void;
  /** Tags that a call is about to set stay claimed until the returned function is called, though they are not there yet. */
  hold(tags: readonly string[]): () => void;
  /** A call has passed: what it may have changed the meaning of has to be asked again. */
  forget(action: Action): void;
  close(): void;
}

export type NewVolume = { readonly name: string; readonly driver: string; readonly labels: Labels };

export type LookupOptions = {
  /** Beside the usual sockets and folders of engines, which are always protected. */
  readonly protectedPaths?: readonly string[];
  readonly tidyTimes?: TidyTimes;
};

type Caches = {
  readonly containers: NameCache<FoundContainer>;
  readonly images: NameCache<FoundImage>;
  readonly networks: NameCache<FoundNetwork>;
  readonly volumes: NameCache<FoundVolume>;
};

export function createLookup(client: EngineClient, claimed: OwnershipLedger, options: LookupOptions = {}): Lookup {
  const events = listenToEngine(
    client,
    (event) => {
      forgetChanged(caches, event);
      lookAtNew(event, { network, volume });
      tidy.hear(event);
    },
    () => {
      forgetAll(caches);
      tidy.reset();
    },
  );
  const mayKeep = (): boolean => events.isListening();
  const tidy = tidyLedger(client, claimed, mayKeep, options.tidyTimes);
  const { ledger } = tidy;
  const caches: Caches = {
    containers: createNameCache(mayKeep),
    images: createNameCache(mayKeep),
    networks: createNameCache(mayKeep),
    volumes: createNameCache(mayKeep),
  };
  const guarded = [...defaultProtectedPaths, client.socket, ...(options.protectedPaths ?? [])];
  const protectedPaths = resolveAll(guarded);
  const sightings = createSightings();
  const containers = createContainerLookup(client, caches.containers);
  const container = async (name: string): Promise<FoundContainer | undefined> =>
    isContainerName(name) ? noting(sightings, "container", await containers.container(name)) : undefined;
  const network = async (name: string, owner: string): Promise<FoundNetwork | undefined> => {
    if (!isPathSegment(name)) return undefined;
    const found = await caches.networks.get(`${owner}\n${name}`, () => loadNetwork(client, name, owner));
    return noting(sightings, "network", found);
  };
  const volume = async (name: string): Promise<FoundVolume | undefined> => {
    if (!isVolumeName(name)) return undefined;
    const found = await caches.volumes.get(name, () => loadVolume(client, ledger, name));
    return noting(sightings, "volume", found);
  };
  return {
    ledger,
    protectedPaths: () => protectedPaths,
    container,
    imageLabels: containers.imageLabels,
    image: (name) => caches.images.get(name, async () => (isImageText(name) ? loadImage(client, name) : undefined)),
    knownImage: caches.images.kept,
    imagesGeneration: caches.images.generation,
    imageIds: () => loadImageIds(client),
    imagesOf: (repository) => loadImagesOf(client, repository),
    network,
    volume,
    async execContainer(id) {
      const value = isExecId(id) ? await client.get(`/exec/${id}/json`) : undefined;
      return value === undefined ? undefined : container(textAt(value, "ContainerID"));
    },
    swarmThing: (kind, name) => loadSwarmThing(client, kind, name),
    hasPlugin: (name) => hasPlugin(client, name),
    async createVolume({ name, driver, labels }) {
      const made = await client.post("/volumes/create", { Name: name, Driver: driver, Labels: labels });
      caches.volumes.clear();
      return readVolume(made, ledger.owners("volume", name));
    },
    volumesOf: (containerId) => loadVolumesOf(client, containerId),
    ...sightings,
    hold: tidy.hold,
    forget: forgetting(caches),
    close() {
      events.close();
      tidy.close();
    },
  };
}

function noting<Found extends { readonly id: string; readonly owner: string }>(
  sightings: Sightings,
  type: SeenType,
  found: Found | undefined,
): Found | undefined {
  if (found !== undefined) sightings.note(type, found.id, { isShared: false, ...found });
  return found;
}

/** Events of containers that change neither names nor ids; everything else makes us ask again. */
const harmlessToContainers =
  /^(?:attach|detach|die|exec_\w+|health_status|kill|oom|pause|unpause|resize|start|stop|restart|top|export|archive-path|extract-to-dir|copy|commit|update)\b/;

function forgetChanged(caches: Caches, event: EngineEvent): void {
  if (event.type === "container" && !harmlessToContainers.test(event.action)) caches.containers.clear();
  if (event.type === "image") caches.images.clear();
  if (event.type === "network" && !/^(?:dis)?connect$/.test(event.action)) caches.networks.clear();
  if (event.type === "volume" && !/^(?:un)?mount$/.test(event.action)) caches.volumes.clear();
  if (event.type === "daemon") forgetAll(caches);
}

const changedBy: readonly (readonly [keyof Caches, RegExp])[] = [
  ["containers", /^container\.(?:create|rename|remove|prune)$/],
  ["volumes", /^container\.(?:create|remove)$|^volume\.(?:create|update|remove|prune)$/],
  ["images", /^image\.(?:build|pull|import|load|tag|remove|prune|push)$|^container\.commit$/],
  ["networks", /^network\.(?:create|remove|prune)$|^service\./],
];

/** The engine tells us as well, but perhaps only after the caller has asked the next question. */
function forgetting(caches: Caches): (action: Action) => void {
  const known = new Map<Action, readonly NameCache<unknown>[]>();
  return (action) => {
    const changed = known.get(action) ?? changedBy.flatMap(([name, by]) => (by.test(action) ? [caches[name]] : []));
    known.set(action, changed);
    for (const cache of changed) cache.clear();
  };
}

/** Networks and volumes tell their labels only when asked. What fails here is asked again when it is needed. */
function lookAtNew(event: EngineEvent, ask: Pick<Lookup, "network" | "volume">): void {
  if (event.action !== "create") return;
  if (event.type === "network") ask.network(event.id, "").catch(() => undefined);
  if (event.type === "volume") ask.volume(event.id).catch(() => undefined);
}

function forgetAll(caches: Caches): void {
  for (const cache of Object.values(caches)) cache.clear();
}

/** Slashes of an image name stay. */
function escapePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

async function loadImage(client: EngineClient, name: string): Promise<FoundImage | undefined> {
  const value = await notAmbiguous(() => client.get(`/images/${escapePath(name)}/json`));
  return value === undefined ? undefined : readImage(value);
}

async function loadImageIds(client: EngineClient): Promise<readonly string[]> {
  return listAt({ list: await client.get("/images/json") }, "list").map((image) => textAt(image, "Id"));
}

async function loadImagesOf(client: EngineClient, repository: string): Promise<readonly FoundImage[]> {
  const filters = encodeURIComponent(JSON.stringify({ reference: [repository] }));
  const list = listAt({ list: await client.get(`/images/json?filters=${filters}`) }, "list");
  return list.map(readImage).filter((image) => image.tags.some((tag) => tag.startsWith(`${repository}:`)));
}

async function loadVolume(
  client: EngineClient,
  ledger: OwnershipLedger,
  name: string,
): Promise<FoundVolume | undefined> {
  const value = await client.get(`/volumes/${encodeURIComponent(name)}`);
  return value === undefined ? undefined : readVolume(value, ledger.owners("volume", name));
}

async function loadNetwork(client: EngineClient, name: string, owner: string): Promise<FoundNetwork | undefined> {
  const one = await notAmbiguous(() => client.get(`/networks/${encodeURIComponent(name)}`));
  if (one !== undefined) return readNetwork(one);
  // Networks may share a name; the engine then answers for none of them.
  const filters = encodeURIComponent(JSON.stringify({ name: [name] }));
  const list = listAt({ list: await client.get(`/networks?filters=${filters}`) }, "list").map(readNetwork);
  const same = list.filter((network) => network.name === name);
  return same.find((network) => network.owner === owner) ?? same[0];
}

async function loadSwarmThing(
  client: EngineClient,
  kind: SwarmKind,
  name: string,
): Promise<FoundSwarmThing | undefined> {
  if (!isPathSegment(name)) return undefined;
  const value = await notAmbiguous(() => client.get(`/${kind}/${encodeURIComponent(name)}`));
  return value === undefined ? undefined : readSwarmThing(value);
}

/** Plugins have names like images. */
async function hasPlugin(client: EngineClient, name: string): Promise<boolean> {
  if (!isImageText(name)) return false;
  return (await notAmbiguous(() => client.get(`/plugins/${escapePath(name)}/json`))) !== undefined;
}

async function loadVolumesOf(client: EngineClient, containerId: string): Promise<readonly string[]> {
  const value = await client.get(`/containers/${encodeURIComponent(containerId)}/json`);
  const mounts = listAt(value, "Mounts").filter((mount) => textAt(mount, "Type") === "volume");
  return mounts.map((mount) => textAt(mount, "Name")).filter((name) => name !== "");
}

export type { FoundContainer, FoundImage, FoundNetwork, FoundVolume };
