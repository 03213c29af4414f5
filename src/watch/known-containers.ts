// What is known of containers beyond their id: name, image, owner, labels. The gate tells of those that it lets be made;
// of the others the engine is asked, once, when their group of processes comes into being.

import { textAt, textMapAt } from "../base/reading.ts";
import type { ContainerPlace, WatchedContainer } from "../model/watch.ts";

export interface KnownContainers {
  /** At once, with what is known by now. */
  of(place: ContainerPlace | undefined): WatchedContainer | undefined;
  /** With its name, or without it when nobody answers in time. */
  settled(container: WatchedContainer): Promise<WatchedContainer>;
  /** The gate made it. */
  tell(container: WatchedContainer): void;
  forget(id: string): void;
}

export type KnownContainersOptions = {
  /** The engine's description of a container, as its API gives it. */
  readonly inspect: (id: string) => Promise<unknown>;
  readonly waitMs: number;
};

const maxContainers = 16_384;
const ownerLabel = "dev.plimsoll.owner";
const imageLabel = "dev.plimsoll.image";

export function createKnownContainers({ inspect, waitMs }: KnownContainersOptions): KnownContainers {
  const known = new Map<string, WatchedContainer>();
  const asking = new Map<string, Promise<void>>();
  const remember = (container: WatchedContainer): void => {
    known.delete(container.id);
    const [oldest] = known.size >= maxContainers ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    known.set(container.id, container);
  };
  const ask = async (container: WatchedContainer): Promise<void> => {
    try {
      const found = await inspect(container.id);
      if (found !== undefined) remember(describe(container, found));
    } catch {
      // The engine may be away, or the container gone already: its id stays what is known.
    } finally {
      asking.delete(container.id);
    }
  };
  return {
    of(place) {
      if (place === undefined) return undefined;
      const found = known.get(place.id);
      if (found !== undefined) return found;
      const container = unnamed(place);
      remember(container);
      if (place.engine !== "lxc") asking.set(place.id, ask(container));
      return container;
    },
    async settled(container) {
      const asked = asking.get(container.id);
      if (asked !== undefined) await Promise.race([asked, after(waitMs)]);
      return known.get(container.id) ?? container;
    },
    tell: remember,
    forget: (id) => void known.delete(id),
  };
}

function unnamed({ id, engine }: ContainerPlace): WatchedContainer {
  return { id, name: engine === "lxc" ? id : "", engine, image: "", imageId: "", owner: "", labels: {} };
}

/** Source: Engine API reference, ContainerInspect: `Name` begins with a slash, `Image` is the id of the image. */
function describe(container: WatchedContainer, found: unknown): WatchedContainer {
  const labels = textMapAt(found, "Config", "Labels");
  return {
    ...container,
    name: textAt(found, "Name").replace(/^\//, ""),
    image: labels[imageLabel] ?? textAt(found, "Config", "Image"),
    imageId: textAt(found, "Image"),
    owner: labels[ownerLabel] ?? "",
    labels,
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
